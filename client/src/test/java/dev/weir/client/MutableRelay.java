// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// Passes bytes on to a node until it is muted: then nothing arrives, nothing is said, and no new
/// connection comes about, as if packets were lost.
final class MutableRelay implements AutoCloseable {

    /// More than a queue of length 1 takes.
    private static final int FILLERS = 8;

    private final ServerSocket listener;
    private final InetSocketAddress target;
    private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean isMuted;

    MutableRelay(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        target =
                new InetSocketAddress(
                        address.substring(0, colon),
                        Integer.parseInt(address.substring(colon + 1)));
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    void mute() {
        isMuted = true;
        try {
            // The one accept that waits takes the first of them, and nobody the others.
            for (int i = 0; i < FILLERS; i++) {
                var filler = SocketChannel.open();
                filler.configureBlocking(false);
                filler.connect(listener.getLocalSocketAddress());
                open.add(filler);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (!isMuted) {
                var here = listener.accept();
                open.add(here);
                if (!isMuted) {
                    var there = new Socket();
                    open.add(there);
                    there.connect(target);
                    Thread.ofVirtual().start(() -> pass(here, there));
                    Thread.ofVirtual().start(() -> pass(there, here));
                }
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void pass(Socket from, Socket to) {
        var bytes = new byte[64 * 1024];
        try {
            for (int n = from.getInputStream().read(bytes);
                    n >= 0;
                    n = from.getInputStream().read(bytes)) {
                if (isMuted) {
                    closed.await();
                    return;
                }
                to.getOutputStream().write(bytes, 0, n);
            }
            to.close();
        } catch (IOException e) {
            // The other direction closed it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (var each : open) {
            try {
                each.close();
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }
}
