// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import dev.weir.broker.threads.NamedThreads;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// `GET /metrics` in Prometheus' text format, and `GET /health`: 200 while the node serves, else
/// 503. Nothing else.
///
/// **Threading:** two threads of its own; further requests wait in a short queue, then are dropped.
public final class MetricsEndpoint implements AutoCloseable {

    private static final int THREADS = 2;
    private static final int WAITING_MAX = 16;
    private static final int BACKLOG = 16;
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpServer server;
    private final ThreadPoolExecutor threads;

    /// Listens from now on.
    ///
    /// @param ready whether the node serves
    /// @throws UncheckedIOException if the address cannot be bound
    public MetricsEndpoint(InetSocketAddress address, NodeMetrics metrics, BooleanSupplier ready) {
        try {
            server = HttpServer.create(address, BACKLOG);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        1,
                        TimeUnit.MINUTES,
                        new ArrayBlockingQueue<>(WAITING_MAX),
                        new NamedThreads("metrics"));
        server.setExecutor(threads);
        server.createContext("/", exchange -> answer(exchange, metrics, ready));
        server.start();
    }

    /// The port that is listened on; useful when 0 was asked for.
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void answer(HttpExchange exchange, NodeMetrics metrics, BooleanSupplier ready)
            throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")) {
                send(exchange, 405, "GET only\n");
                return;
            }
            switch (exchange.getRequestURI().getPath()) {
                case "/metrics" -> send(exchange, 200, metrics.scrape());
                case "/health" -> {
                    boolean serves = ready.getAsBoolean();
                    send(exchange, serves ? 200 : 503, serves ? "ready\n" : "not ready\n");
                }
                default -> send(exchange, 404, "/metrics or /health\n");
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", TEXT);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
