// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.quorum;

import dev.weir.metadata.log.LogListener;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A state that is the list of applied texts; texts that begin with `x` are refused.
final class RecordingListener implements LogListener {

    private final List<String> texts = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private long readyTerm = -1;

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public synchronized Verdict apply(long index, long term, byte[] batch) {
        var text = new String(batch, StandardCharsets.UTF_8);
        if (text.startsWith("x")) {
            return Verdict.SKIPPED;
        }
        if (text.equals("boom")) {
            throw new IllegalStateException("boom");
        }
        texts.add(text);
        events.add("applied " + text);
        return Verdict.APPLIED;
    }

    @Override
    public synchronized void writeSnapshot(OutputStream out) throws IOException {
        var data = new DataOutputStream(out);
        data.writeInt(texts.size());
        for (var text : texts) {
            data.writeInt(text.length());
            data.write(bytes(text));
        }
        data.flush();
        events.add("snapshot");
    }

    @Override
    public synchronized void readSnapshot(InputStream in) throws IOException {
        var data = new DataInputStream(in);
        texts.clear();
        var count = data.readInt();
        for (var i = 0; i < count; i++) {
            texts.add(new String(data.readNBytes(data.readInt()), StandardCharsets.UTF_8));
        }
        events.add("restored");
    }

    @Override
    public synchronized void leaderReady(long term) {
        readyTerm = term;
        events.add("ready");
    }

    @Override
    public synchronized void leadershipLost() {
        readyTerm = -1;
        events.add("lost");
    }

    synchronized boolean isReady() {
        return readyTerm >= 0;
    }

    synchronized List<String> texts() {
        return List.copyOf(texts);
    }

    synchronized List<String> events() {
        return List.copyOf(events);
    }
}
