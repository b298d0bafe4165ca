package org.pganalytics.database;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.fault.Fault;

/** Where the embedded PostgreSQL lives: its data, passwords, log, chosen port, and the lock of the one who runs it. */
final class PostgresFolder {
    static final String SUPERUSER = "postgres";
    static final String SERVER_ROLE = "pganalytics";
    private static final Duration INITDB_MAX = Duration.ofMinutes(3);

    private final EmbeddedPostgresConfig config;
    private FileChannel lockFile;
    private int chosenPort;

    PostgresFolder(EmbeddedPostgresConfig config) {
        this.config = config;
    }

    Path home() {
        return config.folder();
    }

    Path data() {
        return home().resolve("data");
    }

    Path log() {
        return home().resolve("postgres.log");
    }

    Path superuserPassfile() {
        return home().resolve("superuser.passfile");
    }

    Path serverPassfile() {
        return home().resolve("server.passfile");
    }

    /** Makes the folder ours until {@link #unlock}; the operating system gives it free when we are killed. */
    void lock() throws IOException {
        Files.createDirectories(
                home(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        lockFile = FileChannel.open(home().resolve("owner.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked()) {
            lockFile.close();
            throw Fault.STORE_DOWN.because(
                    "the database folder %s is in use by another server: stop it, or choose another data.dir"
                            .formatted(home()));
        }
    }

    private boolean locked() throws IOException {
        try {
            FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException takenInThisProcess) {
            return false;
        }
    }

    void unlock() throws IOException {
        if (lockFile != null) {
            lockFile.close();
        }
    }

    /** Makes the database cluster when there is none yet; refuses one of another major version. */
    void prepare(PostgresBinaries binaries) throws IOException {
        if (Files.exists(data())) {
            refuseOtherMajor(binaries);
            if (!Files.exists(superuserPassfile())) {
                throw Fault.STORE_DOWN.because("%s is missing: the password of the database in %s is lost with it"
                        .formatted(superuserPassfile(), data()));
            }
        } else {
            Passfile.createFor(SUPERUSER, superuserPassfile());
            initdb(binaries);
        }
        Passfile.createFor(SERVER_ROLE, serverPassfile());
        writeSettings();
    }

    private void refuseOtherMajor(PostgresBinaries binaries) throws IOException {
        var file = data().resolve("PG_VERSION");
        String found = Files.exists(file) ? Files.readString(file).strip() : "none";
        if (!found.equals(Integer.toString(binaries.major()))) {
            throw Fault.STORE_DOWN.because(
                    "%s is of PostgreSQL %s, this server brings %d: use the server version that made it, or dump and reload"
                            .formatted(data(), found, binaries.major()));
        }
    }

    private void initdb(PostgresBinaries binaries) throws IOException {
        var unfinished = home().resolve("data.new");
        if (Files.exists(unfinished)) {
            PostgresBinaries.deleteTree(unfinished);
        }
        var password = Files.createTempFile(home(), "initdb", ".pw");
        try {
            Files.writeString(password, superuserPassword());
            var command = new ArrayList<>(SystemCommand.asNobodySpecial(home()));
            command.addAll(List.of(binaries.program("initdb"), "-D", unfinished.toString(), "-U", SUPERUSER));
            command.addAll(List.of("--auth=scram-sha-256", "--pwfile=" + password, "--encoding=UTF8"));
            command.addAll(List.of("--locale=C", "--data-checksums"));
            SystemCommand.run(command, home(), INITDB_MAX);
        } finally {
            Files.delete(password);
        }
        Files.writeString(
                unfinished.resolve("postgresql.conf"),
                "\ninclude_if_exists = 'pganalytics.conf'\n",
                StandardOpenOption.APPEND);
        Files.move(unfinished, data(), StandardCopyOption.ATOMIC_MOVE);
    }

    String superuserPassword() throws IOException {
        return password(superuserPassfile(), SUPERUSER);
    }

    String serverPassword() throws IOException {
        return password(serverPassfile(), SERVER_ROLE);
    }

    private static String password(Path file, String user) throws IOException {
        return Passfile.password(file, "127.0.0.1", 0, "*", user)
                .orElseThrow(() -> Fault.STORE_DOWN.because("%s holds no password of %s".formatted(file, user)));
    }

    private void writeSettings() throws IOException {
        Files.writeString(
                data().resolve("pganalytics.conf"), """
                # Written anew at each start; what differs from it belongs into postgresql.auto.conf (ALTER SYSTEM).
                shared_preload_libraries = 'pg_stat_statements'
                pg_stat_statements.track_utility = off
                shared_buffers = %dMB
                max_connections = %d
                password_encryption = 'scram-sha-256'
                synchronous_commit = on
                wal_compression = on
                max_wal_size = 2GB
                min_wal_size = 128MB
                checkpoint_timeout = 10min
                checkpoint_completion_target = 0.9
                track_io_timing = on
                log_line_prefix = '%%m [%%p] %%q%%u@%%d %%a '
                log_min_duration_statement = 10s
                log_checkpoints = off
                jit = off
                """.formatted(config.sharedBuffersMib(), config.connectionsMax()));
    }

    /**
     * The configured port, or the one used last when it is still free, or any free one; remembered. Once chosen it
     * stays until we are closed, for others have been told of it.
     */
    int choosePort() throws IOException {
        if (chosenPort == 0) {
            chosenPort = config.port() != 0 ? config.port() : anyPort();
        }
        return chosenPort;
    }

    private int anyPort() throws IOException {
        int last = lastPort();
        int port = last > 0 && isFree(last) ? last : freePort();
        Files.writeString(home().resolve("port"), Integer.toString(port));
        return port;
    }

    private int lastPort() throws IOException {
        var file = home().resolve("port");
        String text = Files.exists(file) ? Files.readString(file).strip() : "";
        return text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Deletes a pid file that PostgreSQL itself would stumble over: one that makes no sense, or that names a process
     * which is not ours (its number was given out anew). To be called only when no postmaster runs on the folder.
     */
    void removeUselessPidFile() throws IOException {
        var pid = PidFile.read(data()).map(PidFile::pid);
        if (pid.isEmpty() || ProcessHandle.of(pid.get()).isPresent()) {
            Files.deleteIfExists(data().resolve(PidFile.NAME));
        }
    }

    /** An adopted postmaster has chosen already. */
    void rememberPort(int port) {
        chosenPort = port;
    }

    /** Moves a log aside that has grown to its limit; truncated in place, for the postmaster keeps it open. */
    void capLog() throws IOException {
        if (Files.exists(log()) && Files.size(log()) >= config.logBytesMax()) {
            Files.copy(log(), home().resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
            try (var file = FileChannel.open(log(), StandardOpenOption.WRITE)) {
                file.truncate(0);
            }
        }
    }
}
