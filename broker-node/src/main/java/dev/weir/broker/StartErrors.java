// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker;

import dev.weir.broker.config.ConfigException;
import dev.weir.broker.config.HostPort;
import dev.weir.broker.lifecycle.RegistrationException;
import dev.weir.broker.storage.StorageException;
import dev.weir.log.LogException;
import dev.weir.metadata.MetadataException;

import org.jspecify.annotations.Nullable;

/// Words for what can go wrong at a start.
final class StartErrors {

    private StartErrors() {}

    /// The one line that an operator gets. What is not expected here stays what it is.
    static RuntimeException explain(RuntimeException failure) {
        return switch (failure) {
            case BrokerStartException known -> known;
            case LogException.DirectoryLockedException locked ->
                    new BrokerStartException(
                            locked.path()
                                    + " is in use by another process: stop that one, or give this"
                                    + " node its own data.dir",
                            locked);
            case LogException.DiskFullException full ->
                    new BrokerStartException(
                            full.getMessage() + ": free space there and start again", full);
            case LogException.ResourcesExhaustedException none ->
                    new BrokerStartException(
                            none.getMessage()
                                    + ": raise the limit (ulimit -n, vm.max_map_count) or free"
                                    + " memory, and start again",
                            none);
            case LogException.DiskFailedException bad ->
                    new BrokerStartException(
                            bad.getMessage() + ": check the disk and the permissions", bad);
            case LogException.CorruptLogException corrupt ->
                    new BrokerStartException(
                            corrupt.getMessage()
                                    + ": check the disk; 'weir log verify' shows what is damaged",
                            corrupt);
            case ConfigException e -> as(e);
            case MetadataException e -> as(e);
            case StorageException e -> as(e);
            case LogException e -> as(e);
            case RegistrationException e -> as(e);
            default -> failure;
        };
    }

    /// @param key of the configuration
    static BrokerStartException cannotListen(
            String key, @Nullable HostPort address, Exception cause) {
        return new BrokerStartException(
                "cannot listen on "
                        + address
                        + " ("
                        + key
                        + "): "
                        + rootMessage(cause)
                        + ": stop what uses the port, or choose another one",
                cause);
    }

    private static BrokerStartException as(RuntimeException e) {
        return new BrokerStartException(String.valueOf(e.getMessage()), e);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        // The transport names the system call and its number first, which say nothing more.
        return String.valueOf(root.getMessage()).replaceFirst("^bind\\(.*\\) failed.*?: ", "");
    }
}
