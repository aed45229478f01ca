// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.broker.config.LogLevel;
import dev.weir.broker.logging.Logging;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;

/// The program: finds the command, runs it, and turns every failure into one line and an exit code.
///
/// | exit code | meaning |
/// |---:|---|
/// | 0 | done |
/// | 1 | not done; one line on standard error says why and what to do |
/// | 2 | the command line was not understood |
/// | 141 | whoever read standard output went away |
@Command(
        name = "weir",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        description = "A replicated log that you call over gRPC.",
        subcommands = {
            QuickstartCommand.class,
            DevCommand.class,
            FormatCommand.class,
            ServerCommand.class,
            TopicCommand.class,
            ProduceCommand.class,
            ConsumeCommand.class,
            ClusterCommand.class,
            BrokerCommand.class,
            LogCommand.class,
            BenchCommand.class
        },
        footer = {
            "",
            "Begin with:   weir quickstart",
            "Then:         weir dev, and in another terminal: weir topic create orders",
            "More:         weir COMMAND --help"
        })
public final class Weir implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /// Runs one command and ends the process with its exit code.
    public static void main(String[] args) {
        // A node sets up logging from its configuration; everything else is silent unless asked.
        var isNode = args.length > 0 && args[0].equals("server");
        if (!isNode) {
            logAsAsked();
        }
        var stdout = new StandardOutput(new FileOutputStream(FileDescriptor.out));
        var out = new PrintWriter(stdout, true, UTF_8);
        var err = new PrintWriter(new FileOutputStream(FileDescriptor.err), true, UTF_8);
        var code = run(out, err, args);
        out.flush();
        var lost = stdout.failure();
        System.exit(code == 0 && lost != null ? Failures.onLostOutput(lost, err) : code);
    }

    /// Runs one command.
    ///
    /// @param out for what scripts read
    /// @param err for what people read
    /// @return the exit code
    static int run(PrintWriter out, PrintWriter err, String... args) {
        var commandLine = new CommandLine(new Weir());
        commandLine.setOut(out);
        commandLine.setErr(err);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setUsageHelpWidth(100);
        commandLine.setParameterExceptionHandler(Failures::onBadCommandLine);
        commandLine.setExecutionExceptionHandler(Failures::onFailure);
        return commandLine.execute(args);
    }

    /// Without a command there is nothing to do but to say what there is.
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandLine.ExitCode.USAGE;
    }

    private static void logAsAsked() {
        var wanted = System.getenv("WEIR_LOG_LEVEL");
        if (wanted == null || wanted.isBlank()) {
            Logging.silence();
            return;
        }
        try {
            Logging.start(LogLevel.valueOf(wanted.toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            Logging.start(LogLevel.DEBUG);
        }
    }
}
