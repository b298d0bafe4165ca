package org.pganalytics.collector.load;

import io.vertx.core.buffer.Buffer;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.model.Digest;

/** Turns entries of the journal into bytes and back: a type, then its fields, big-endian, of fixed widths. */
final class JournalCodec {
    private static final byte REGISTERED = 1;
    private static final byte SENDING = 2;
    private static final byte ACKED = 3;
    private static final byte REFUSED = 4;

    private JournalCodec() {}

    static void encode(JournalEntry entry, Buffer out) {
        if (entry instanceof JournalEntry.Registered registered) {
            out.appendByte(REGISTERED).appendInt(registered.number());
            out.appendLong(registered.collector().getMostSignificantBits());
            out.appendLong(registered.collector().getLeastSignificantBits());
        } else if (entry instanceof JournalEntry.Acked acked) {
            appendPosition(out.appendByte(ACKED), acked.number(), acked.epoch(), acked.sequence());
        } else if (entry instanceof JournalEntry.Refused refused) {
            appendPosition(out.appendByte(REFUSED), refused.number(), refused.epoch(), refused.sequence());
        } else {
            encodeSending((JournalEntry.Sending) entry, out);
        }
    }

    private static void appendPosition(Buffer out, int number, int epoch, long sequence) {
        out.appendInt(number).appendInt(epoch).appendLong(sequence);
    }

    private static void encodeSending(JournalEntry.Sending sending, Buffer out) {
        var source = sending.source();
        appendPosition(out.appendByte(SENDING), source.collector(), sending.epoch(), sending.sequence());
        out.appendInt(source.target()).appendInt(source.tick()).appendLong(source.collectedAtMicros());
        out.appendBytes(sending.digest().bytes());
        out.appendInt(sending.families().size());
        for (var family : sending.families()) {
            out.appendInt(family.family());
            out.appendLong(family.content().rows()).appendLong(family.content().sum());
        }
    }

    /** Reads the next entry; empty at the end, also in the middle of an entry: a journal may have been cut short. */
    static Optional<JournalEntry> decode(DataInputStream in) throws IOException {
        int type = in.read();
        if (type < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    switch (type) {
                        case REGISTERED ->
                            new JournalEntry.Registered(in.readInt(), new UUID(in.readLong(), in.readLong()));
                        case SENDING -> decodeSending(in);
                        case ACKED -> new JournalEntry.Acked(in.readInt(), in.readInt(), in.readLong());
                        case REFUSED -> new JournalEntry.Refused(in.readInt(), in.readInt(), in.readLong());
                        default -> throw new IOException("the journal has an entry of type " + type);
                    });
        } catch (EOFException cutShort) {
            return Optional.empty();
        }
    }

    private static JournalEntry.Sending decodeSending(DataInputStream in) throws IOException {
        int collector = in.readInt();
        int epoch = in.readInt();
        long sequence = in.readLong();
        var source = new SampleSource(collector, in.readInt(), in.readInt(), in.readLong());
        var digest = new byte[Digest.BYTES];
        in.readFully(digest);
        int families = in.readInt();
        var contents = new ArrayList<JournalEntry.FamilyContent>();
        for (int at = 0; at < families; at++) {
            contents.add(new JournalEntry.FamilyContent(in.readInt(), new ContentHash(in.readLong(), in.readLong())));
        }
        return new JournalEntry.Sending(source, epoch, sequence, new Digest(digest), contents);
    }
}
