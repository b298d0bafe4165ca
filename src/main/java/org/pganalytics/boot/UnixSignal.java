package org.pganalytics.boot;

import java.lang.reflect.Proxy;

/** Listens for a signal by way of {@code sun.misc.Signal}: reflective, since javac warns of each use of the only API. */
final class UnixSignal {
    private UnixSignal() {}

    /** @param name without SIG; the action runs on a thread of its own */
    static void on(String name, Runnable action) {
        try {
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var proxy = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException unknown) {
            throw new IllegalStateException("this Java cannot listen for SIG" + name, unknown);
        }
    }
}
