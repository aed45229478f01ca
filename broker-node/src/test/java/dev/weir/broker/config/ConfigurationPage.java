// SPDX-License-Identifier: Apache-2.0
package dev.weir.broker.config;

/// Writes `docs/configuration.md` from the lists of keys, so that the page cannot be wrong about
/// them.
final class ConfigurationPage {

    private ConfigurationPage() {}

    /// The whole page, Markdown.
    static String text() {
        var page = new StringBuilder();
        page.append(
                """
                # Configuration

                Generated from the code (`BrokerConfigKey`, and the metadata's `ConfigKey`); a test compares it. A node reads
                one file, named by `weir server --config FILE`: lines `key=value` in UTF-8, comments after `#` at the start of a
                line. The reader is strict: an unknown key, a missing one, a bad value or a key set twice ends the start with one
                line that names file, line, key and cure.

                ## Keys of the file

                They hold for the life of the process.

                | key | type | default | values | what it does |
                |---|---|---|---|---|
                """);
        for (var key : BrokerConfigKey.all()) {
            page.append(
                    "| `%s` | %s | %s | %s | %s |\n"
                            .formatted(
                                    key.name(),
                                    withUnit(key.type().name(), key.unit()),
                                    defaultOf(key),
                                    key.type().range(),
                                    key.doc()));
        }
        page.append(
                """

                ## The environment

                Read by the program, not by the file:

                | variable | default | what it does |
                |---|---|---|
                | `WEIR_HEAP` | `512m` for `server`, `256m` for each of several nodes of `dev`, 128m to 512m for other commands | The JVM's heap, as in `-Xmx`. Shares of memory, such as `in.flight.memory.percent`, are shares of it. |
                | `WEIR_JVM_OPTS` | - | More options for the JVM, behind the usual ones; for the nodes of `dev` too. |
                | `WEIR_LOG_LEVEL` | nothing is logged | How much a command other than `server` logs to standard error: the words of `log.level`. |
                | `WEIR_DEBUG` | - | Set to anything: an error line is followed by its stack trace. |
                | `WEIR_BOOTSTRAP` | `127.0.0.1:9400` | What commands take for `--bootstrap` when it is not given. |
                | `JDK25_HOME` | - | Where a JDK 25 is, if `JAVA_HOME` is another one. |

                ## Keys that change while the cluster runs

                Set them for a topic with `weir topic create|alter --config KEY=VALUE`; a line in the file is the lowest default:
                topic over broker over cluster over file. For a node: `weir broker alter NODE --config KEY=VALUE`. The controller refuses bad
                values. For the whole cluster there is no command yet:

                ```
                grpcurl -plaintext -d '{"scope":{"cluster":true},"set":{"segment.ms":"86400000"}}' 127.0.0.1:9400 weir.v1.AdminService/AlterConfigs
                ```

                """);
        page.append(DynamicKeys.table());
        return page.toString();
    }

    private static String defaultOf(BrokerConfigKey<?> key) {
        var defaultText = key.defaultText();
        if (key.need() == BrokerConfigKey.Need.REQUIRED) {
            return "**required**";
        }
        return defaultText == null || defaultText.isEmpty() ? "-" : "`" + defaultText + "`";
    }

    private static String withUnit(String type, String unit) {
        return unit.isEmpty() ? type : type + ", " + unit;
    }
}
