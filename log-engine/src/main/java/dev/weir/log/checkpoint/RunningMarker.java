// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.checkpoint;

import dev.weir.log.disk.Disk;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/// The file `running-marker` of a log directory: which incarnation uses it, under which boot of the
/// system, and whether that one stopped in good order. From it a start learns how the last run
/// ended.
///
/// ```
/// start:     previousStop() → register and report it → registration confirmed → markRunning()
/// shutdown:  everything flushed → markClean()
/// ```
///
/// The marker is not touched before the registration that reported it is confirmed: a second crash
/// in between must be reported as the first one was, and nothing was appended meanwhile.
///
/// Payload of the [Frame] of kind `RUNM`, big-endian: incarnation (128 bit), directory id (128
/// bit), clean (int8, 0 or 1), length of the boot id (int16), boot id (UTF-8).
///
/// **Threading:** the caller serialises the calls.
public final class RunningMarker {

    /// Name of the file.
    public static final String FILE = "running-marker";

    private static final int VERSION = 1;
    private static final int FIXED_BYTES = 4 * Long.BYTES + Byte.BYTES + Short.BYTES;

    private final CheckpointFile file;
    private final UUID directoryId;
    private final BootId bootId;

    /// @param directoryId of the directory; a marker that names another one is not believed
    /// @param bootId of the running system
    public RunningMarker(Disk disk, Path directory, UUID directoryId, BootId bootId) {
        this.file = new CheckpointFile(disk, directory, FILE, "RUNM", VERSION);
        this.directoryId = directoryId;
        this.bootId = bootId;
    }

    /// What the marker says.
    ///
    /// @param incarnation of the process that used the directory last
    /// @param directoryId of the directory
    /// @param bootId of the system then
    /// @param clean whether everything was flushed when it stopped
    public record Marker(UUID incarnation, UUID directoryId, BootId bootId, boolean clean) {}

    /// How the last run on this directory ended.
    public enum PreviousStop {
        /// No incarnation was ever confirmed on it.
        NEVER_RAN,
        /// Everything was flushed.
        CLEAN,
        /// The process died, the system went on: what it wrote is in the page cache.
        PROCESS_CRASH,
        /// The system went down too, or nothing reliable is known: what was not flushed may be
        /// gone.
        MACHINE_CRASH
    }

    /// How the last confirmed run ended. The answer stays the same until [#markRunning].
    public PreviousStop previousStop() {
        return switch (file.read()) {
            case CheckpointFile.Content.Missing _ -> PreviousStop.NEVER_RAN;
            case CheckpointFile.Content.Corrupt _ -> PreviousStop.MACHINE_CRASH;
            case CheckpointFile.Content.Present(_, var payload) ->
                    decode(payload).map(this::judge).orElse(PreviousStop.MACHINE_CRASH);
        };
    }

    private PreviousStop judge(Marker marker) {
        if (!marker.directoryId().equals(directoryId)) {
            return PreviousStop.MACHINE_CRASH;
        }
        if (marker.clean()) {
            return PreviousStop.CLEAN;
        }
        return marker.bootId().equals(bootId)
                ? PreviousStop.PROCESS_CRASH
                : PreviousStop.MACHINE_CRASH;
    }

    /// The marker as it stands; empty if there is none or it cannot be read.
    public Optional<Marker> read() {
        return switch (file.read()) {
            case CheckpointFile.Content.Missing _, CheckpointFile.Content.Corrupt _ ->
                    Optional.empty();
            case CheckpointFile.Content.Present(_, var payload) -> decode(payload);
        };
    }

    /// Says that this incarnation runs. To be called when its registration, which reported
    /// [#previousStop], is confirmed, and before anything is appended. Durable on return.
    public void markRunning(UUID incarnation) {
        write(new Marker(incarnation, directoryId, bootId, false));
    }

    /// Says that this incarnation stopped and everything is flushed. Durable on return. Not to be
    /// called by an incarnation that was never confirmed.
    public void markClean(UUID incarnation) {
        write(new Marker(incarnation, directoryId, bootId, true));
    }

    private void write(Marker marker) {
        var boot = marker.bootId().value().getBytes(StandardCharsets.UTF_8);
        var payload = ByteBuffer.allocate(FIXED_BYTES + boot.length);
        putId(payload, marker.incarnation());
        putId(payload, marker.directoryId());
        payload.put((byte) (marker.clean() ? 1 : 0)).putShort((short) boot.length).put(boot);
        file.write(payload.array());
    }

    private static Optional<Marker> decode(ByteBuffer payload) {
        try {
            var incarnation = new UUID(payload.getLong(), payload.getLong());
            var directory = new UUID(payload.getLong(), payload.getLong());
            var clean = payload.get() == 1;
            var boot = new byte[Math.clamp(payload.getShort(), 0, payload.remaining())];
            payload.get(boot);
            var bootId = new BootId(new String(boot, StandardCharsets.UTF_8));
            return Optional.of(new Marker(incarnation, directory, bootId, clean));
        } catch (BufferUnderflowException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static void putId(ByteBuffer payload, UUID id) {
        payload.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }
}
