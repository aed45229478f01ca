// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.broker.lifecycle.core.LifecycleEvent;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.UUID;

class ControllerRequestsTest {

    private static final UUID FIRST = new UUID(2, 1);
    private static final UUID SECOND = new UUID(2, 2);

    private final ControllerRequests requests = new ControllerRequests();
    private final ArrayList<LifecycleEvent> told = new ArrayList<>();

    @Test
    void aDirectoryThatFailsBeforeThereIsAMembershipIsReportedToIt() {
        requests.directoryFailed(FIRST);

        requests.connect(told::add);
        requests.directoryFailed(SECOND);

        assertThat(told)
                .containsExactly(
                        new LifecycleEvent.DirectoryFailed(FIRST),
                        new LifecycleEvent.DirectoryFailed(SECOND));
    }
}
