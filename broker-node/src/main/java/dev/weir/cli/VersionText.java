// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.BrokerNode;

import picocli.CommandLine.IVersionProvider;

/// What `--version` prints.
final class VersionText implements IVersionProvider {

    /// Public for picocli.
    public VersionText() {}

    @Override
    public String[] getVersion() {
        return new String[] {
            "weir " + BrokerNode.version(),
            "Java "
                    + Runtime.version()
                    + ", "
                    + System.getProperty("os.name")
                    + " "
                    + System.getProperty("os.arch")
        };
    }
}
