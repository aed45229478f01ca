// SPDX-License-Identifier: Apache-2.0
package dev.weir.metadata.controller.core;

import static dev.weir.metadata.controller.core.Brokers.accepted;
import static dev.weir.metadata.controller.core.Brokers.allLive;
import static dev.weir.metadata.controller.core.Brokers.directory;
import static dev.weir.metadata.controller.core.Brokers.p0;
import static dev.weir.metadata.controller.core.Brokers.partition;
import static dev.weir.metadata.controller.core.Brokers.withPartition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.metadata.config.ConfigKeys;
import dev.weir.metadata.controller.core.ControllerCommand.RegisterBroker;
import dev.weir.metadata.image.ClusterImage;
import dev.weir.metadata.record.BrokerFenced;
import dev.weir.metadata.record.ConfigScope;
import dev.weir.metadata.record.ConfigSet;
import dev.weir.metadata.record.DirectoryFailed;
import dev.weir.metadata.record.PartitionState;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.TreeSet;
import java.util.UUID;

/// A process registers with a directory that an I/O error had stopped.
class RestoredDirectoryTest {

    private static final UUID NEXT = new UUID(300, 1);

    /// Node 1 starts on it again, after an operator removed the file that kept it from that.
    private static RegisterBroker cleared(boolean isSameBoot) {
        var plain = unmarked(isSameBoot);
        return new RegisterBroker(
                plain.nodeId(),
                plain.incarnation(),
                plain.replacesRegistration(),
                plain.clientEndpoint(),
                plain.internalEndpoint(),
                plain.rack(),
                plain.directories(),
                plain.weirVersionMin(),
                plain.weirVersionMax(),
                plain.isSameBoot(),
                plain.directories());
    }

    /// The failure has left nothing on the disk.
    private static RegisterBroker unmarked(boolean isSameBoot) {
        return Brokers.register(1, NEXT, 1, isSameBoot, directory(1));
    }

    private static ClusterImage image(PartitionState state) {
        return withPartition(Brokers.live(3), state);
    }

    private static ClusterImage failed(ClusterImage image, int... nodes) {
        var failed = image;
        for (var node : nodes) {
            failed = failed.with(List.of(new DirectoryFailed(node, directory(node))));
        }
        return failed;
    }

    private static ClusterImage after(RegisterBroker command, ClusterImage image) {
        return image.with(accepted(Registration.decide(command, allLive(image))).records());
    }

    private static boolean isFailed(ClusterImage image) {
        return image.brokers().broker(1).orElseThrow().failedDirectories().contains(directory(1));
    }

    private static ClusterImage unfenced(ClusterImage image, Integer... streams) {
        var context = Brokers.context(image, streams);
        return image.with(Upkeep.next(context, new TreeSet<>(), new TreeSet<>()));
    }

    @Test
    void aReplicaThatLeftTheIsrIsRestoredAndMayJoinAgain() {
        var image = failed(image(partition(3, List.of(2, 3), List.of())), 1);

        var live = unfenced(after(cleared(true), image), 1, 2, 3);

        assertThat(isFailed(live)).isFalse();
        assertThat(p0(live).isr()).containsExactly(2, 3);
        assertThat(allLive(live).isLive(Brokers.P0, p0(live), 1)).isTrue();
    }

    @Test
    void theOnlyMemberStaysAndLeadsAgain() {
        var image = failed(image(partition(3, List.of(1), List.of())), 1);
        assertThat(p0(unfenced(image, 1, 2, 3)).leader()).isEmpty();

        var registered = after(cleared(true), image);
        var live = unfenced(registered, 1, 2, 3);

        assertThat(p0(registered).leader()).isEmpty();
        assertThat(isFailed(live)).isFalse();
        assertThat(p0(live).isr()).containsExactly(1);
        assertThat(p0(live).leader()).hasValue(1);
    }

    @Test
    void aFailureThatTheControllerNeverHeardOfTakesTheMemberOutAllTheSame() {
        var inIsr = image(partition(3, List.of(1, 2, 3), List.of()));
        var inElr = image(partition(3, List.of(2), List.of(1)));

        assertThat(p0(after(cleared(true), inIsr)).isr()).containsExactly(2, 3);
        assertThat(p0(after(cleared(true), inIsr)).elr()).isEmpty();
        assertThat(p0(after(cleared(true), inElr)).elr()).isEmpty();
    }

    @Test
    void aMemberThatHasEverythingKeepsItsSeatThoughItIsDown() {
        var image = image(partition(3, List.of(1), List.of(2)));
        var down = image.with(List.of(new BrokerFenced(2, 2)));

        var next = p0(after(cleared(true), down));

        assertThat(next.isr()).isEmpty();
        assertThat(next.elr()).containsExactly(2);
        assertThat(next.leader()).isEmpty();
    }

    @Test
    void membersThatFailedTogetherWaitForTheFirstThatIsRestored() {
        var image = failed(image(partition(3, List.of(1, 2), List.of())), 1, 2);

        var live = unfenced(after(cleared(true), image), 1, 2, 3);

        assertThat(p0(live).leader()).hasValue(1);
        assertThat(p0(live).isr()).containsExactly(1);
    }

    @Test
    void onceTheMachineWasRestartedAFailureWithoutAMarkIsRestoredToo() {
        var image = failed(image(partition(3, List.of(2, 3), List.of())), 1);

        assertThat(isFailed(after(unmarked(true), image))).isTrue();
        assertThat(isFailed(after(unmarked(false), image))).isFalse();
    }

    @Test
    void theOnlyMemberOfAReplicatedTopicIsRememberedAsAfterAnyOtherBoot() {
        var scope = new ConfigScope.Topic(Brokers.TOPIC);
        var relaxed = new ConfigSet(scope, ConfigKeys.DURABILITY.name(), ConfigKeys.REPLICATED);
        var image = failed(image(partition(3, List.of(1), List.of())), 1).with(List.of(relaxed));

        var registered = after(cleared(false), image);

        assertThat(p0(registered).recovering()).containsExactly(1);
        assertThat(p0(unfenced(registered, 1, 2, 3)).leader()).hasValue(1);
    }
}
