// SPDX-License-Identifier: Apache-2.0
package dev.weir.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.log.segment.SegmentIndex.Entry;
import dev.weir.log.sim.SimulatedDisk;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

class SidecarTest {

    private static final Path PATH = Path.of("/d/s");
    private static final SegmentIdentity IDENTITY =
            new SegmentIdentity(new UUID(1, 2), 3, new UUID(4, 5), 6, 100);
    private static final Entry FIRST = new Entry(110, 1_000, 77, 0xabcd);
    private static final Entry SECOND = new Entry(120, 2_000, 88, 0xef01);
    private static final Entry END = new Entry(130, 3_000, 99, 0x2345);

    private final SimulatedDisk disk = new SimulatedDisk();
    private final SegmentIndex index = new SegmentIndex(100, 500);

    @BeforeEach
    void makeDirectory() {
        disk.createDirectories(Path.of("/d"));
        index.restore(FIRST);
        index.restore(SECOND);
    }

    private SidecarContent read() {
        return Sidecar.read(disk, PATH).orElseThrow();
    }

    private ByteBuffer bytes() {
        try (var file = disk.open(PATH)) {
            var bytes = ByteBuffer.allocate((int) file.sizeBytes());
            file.read(0, bytes);
            return bytes.flip();
        }
    }

    @Test
    void hasTheseBytes() {
        var sidecar = Sidecar.create(disk, PATH, IDENTITY);
        sidecar.writeEntries(index.view());
        sidecar.seal(END);

        var hex = HexFormat.of().formatHex(bytes().array());

        assertThat(hex).hasSize(2 * (64 + 3 * 32));
        assertThat(hex)
                .startsWith(
                        "57534944"
                                + "00000001"
                                + "00000000000000010000000000000002"
                                + "00000003"
                                + "00000000000000040000000000000005"
                                + "0000000000000006"
                                + "0000000000000064");
        assertThat(hex.substring(128))
                .startsWith(
                        "00000001"
                                + "000000000000006e"
                                + "000003e8"
                                + "000000000000004d"
                                + "0000abcd");
        assertThat(hex.substring(128 + 2 * 64))
                .startsWith(
                        "00000002"
                                + "0000000000000082"
                                + "00000bb8"
                                + "0000000000000063"
                                + "00002345");
    }

    @Test
    void readsBackWhatWasWritten() {
        var sidecar = Sidecar.create(disk, PATH, IDENTITY);
        sidecar.writeEntries(index.view());
        assertThat(read())
                .isEqualTo(new SidecarContent(IDENTITY, List.of(FIRST, SECOND), null, true));

        sidecar.seal(END);
        sidecar.close();

        assertThat(read())
                .isEqualTo(new SidecarContent(IDENTITY, List.of(FIRST, SECOND), END, true));
    }

    @Test
    void writesEachEntryOnce() {
        var sidecar = Sidecar.create(disk, PATH, IDENTITY);
        sidecar.writeEntries(index.view());
        sidecar.writeEntries(index.view());

        assertThat(read().entries()).containsExactly(FIRST, SECOND);
        assertThat(sidecar.pendingEntries(index.view())).isZero();
    }

    @Test
    void aCutVoidsWhatLiesAboveIt() {
        var sidecar = Sidecar.create(disk, PATH, IDENTITY);
        sidecar.writeEntries(index.view());
        sidecar.seal(END);
        var cut = new Entry(115, 1_500, 78, 9);
        sidecar.cut(cut);

        assertThat(read()).isEqualTo(new SidecarContent(IDENTITY, List.of(FIRST), cut, true));
    }

    @Test
    void aSealThatComesAfterACutSaysNothing() {
        var sidecar = Sidecar.create(disk, PATH, IDENTITY);
        var cut = new Entry(105, 500, 70, 9);
        sidecar.cut(cut);
        sidecar.seal(END);
        sidecar.writeEntries(index.view());

        assertThat(read().end()).isEqualTo(cut);
        assertThat(read().entries()).isEmpty();
    }

    @Test
    void onceItHasLeftItTouchesNoFileOfItsName() {
        var gone = Sidecar.create(disk, PATH, IDENTITY);
        gone.seal(END);
        gone.close();
        gone.leave();
        disk.delete(PATH);
        Sidecar.create(disk, PATH, IDENTITY).writeEntries(index.view());

        gone.cut(FIRST);
        gone.flush();

        assertThat(read())
                .isEqualTo(new SidecarContent(IDENTITY, List.of(FIRST, SECOND), null, true));
    }

    @Test
    void anyFlippedBitEndsTheUnderstandingThere() {
        var sidecar = Sidecar.create(disk, PATH, IDENTITY);
        sidecar.writeEntries(index.view());
        sidecar.seal(END);
        var whole = bytes();
        for (var bit = 0; bit < 8 * whole.limit(); bit++) {
            var rotten = ByteBuffer.wrap(whole.array().clone());
            rotten.put(bit / 8, (byte) (rotten.get(bit / 8) ^ 1 << bit % 8));

            var content = SidecarContent.decode(rotten);

            if (bit / 8 < SidecarContent.HEADER_BYTES) {
                assertThat(content).as("bit %d", bit).isEmpty();
            } else {
                assertThat(content.orElseThrow().end()).as("bit %d", bit).isNull();
                assertThat(content.orElseThrow().isWhole()).as("bit %d", bit).isFalse();
            }
        }
    }

    @Test
    void aRecordOfAnotherLifeIsNotTaken() {
        Sidecar.create(disk, PATH, IDENTITY).seal(END);
        var other = new SegmentIdentity(new UUID(1, 2), 3, new UUID(4, 5), 7, 100);
        var mixed = ByteBuffer.wrap(bytes().array().clone());
        mixed.put(0, SidecarContent.encodeHeader(other), 0, SidecarContent.HEADER_BYTES);

        assertThat(SidecarContent.decode(mixed).orElseThrow().end()).isNull();
    }

    @Test
    void anyPrefixIsUnderstoodUpToItsLastWholeRecord() {
        var sidecar = Sidecar.create(disk, PATH, IDENTITY);
        sidecar.writeEntries(index.view());
        var whole = bytes();
        for (var length = SidecarContent.HEADER_BYTES; length <= whole.limit(); length++) {
            var content = SidecarContent.decode(whole.slice(0, length)).orElseThrow();

            assertThat(content.entries())
                    .hasSize((length - SidecarContent.HEADER_BYTES) / SidecarContent.RECORD_BYTES);
        }
    }
}
