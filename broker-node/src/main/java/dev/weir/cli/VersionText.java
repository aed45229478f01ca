// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import picocli.CommandLine.IVersionProvider;

/// What `--version` prints.
final class VersionText implements IVersionProvider {

    /// Public for picocli.
    public VersionText() {}

    @Override
    public String[] getVersion() {
        var version = Weir.class.getPackage().getImplementationVersion();
        return new String[] {
            "weir " + (version == null ? "0.1.0-SNAPSHOT" : version),
            "Java "
                    + Runtime.version()
                    + ", "
                    + System.getProperty("os.name")
                    + " "
                    + System.getProperty("os.arch")
        };
    }
}
