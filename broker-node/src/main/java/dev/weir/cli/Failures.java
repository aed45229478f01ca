// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import dev.weir.broker.BrokerStartException;
import dev.weir.broker.config.ConfigException;
import dev.weir.broker.logging.Escape;
import dev.weir.broker.storage.StorageException;
import dev.weir.client.ClientException;
import dev.weir.log.LogException;
import dev.weir.metadata.MetadataException;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Objects;

/// The one place that turns a failure into a line for people and an exit code.
final class Failures {

    /// As a shell reports a program that was ended by SIGPIPE.
    static final int BROKEN_PIPE = 141;

    private static final int CAUSES_MAX = 8;

    private Failures() {}

    static int onBadCommandLine(ParameterException e, String[] args) {
        var commandLine = e.getCommandLine();
        var cure = "see '" + commandLine.getCommandSpec().qualifiedName() + " --help'";
        if (e instanceof UnmatchedArgumentException unmatched) {
            var near = unmatched.getSuggestions();
            if (!near.isEmpty()) {
                cure = "did you mean " + near.getFirst() + "? " + cure;
            }
        }
        var cause = firstLine(String.valueOf(e.getMessage())).replaceFirst("^Error: ", "");
        print(commandLine, cause + ": " + cure);
        return CommandLine.ExitCode.USAGE;
    }

    static int onFailure(Exception e, CommandLine commandLine, ParseResult parsed) {
        if (isBrokenPipe(e)) {
            return BROKEN_PIPE;
        }
        print(commandLine, describe(e));
        if (System.getenv("WEIR_DEBUG") != null) {
            e.printStackTrace(commandLine.getErr());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /// Standard output took not all of what the command said, although the command itself went
    /// well.
    static int onLostOutput(IOException e, PrintWriter err) {
        if (isBrokenPipe(e)) {
            return BROKEN_PIPE;
        }
        err.println(
                "error: standard output could not be written: "
                        + text(e)
                        + ": what the command did is done, its answer is lost");
        return CommandLine.ExitCode.SOFTWARE;
    }

    /// The line for people, without "error: ".
    static String describe(Throwable e) {
        return switch (e) {
            case CommandFailure failure -> text(failure);
            case ConfigException failure -> text(failure);
            case BrokerStartException failure -> text(failure);
            case StorageException failure -> text(failure);
            case MetadataException failure -> text(failure);
            case LogException failure -> text(failure);
            case ClientException failure -> text(failure) + " (" + failure.reason() + ")";
            case UncheckedIOException failure ->
                    describeIo(Objects.requireNonNull(failure.getCause()));
            case IOException failure -> describeIo(failure);
            default ->
                    "unexpected "
                            + e.getClass().getSimpleName()
                            + ": "
                            + text(e)
                            + ": please report it, with what WEIR_DEBUG=1 shows in addition";
        };
    }

    private static String describeIo(IOException e) {
        var kind = e.getClass().getSimpleName().replaceAll("Exception$", "");
        return (kind.equals("IO") ? "reading or writing failed" : kind) + ": " + text(e);
    }

    private static String text(Throwable e) {
        return Escape.controls(String.valueOf(e.getMessage()));
    }

    private static void print(CommandLine commandLine, String line) {
        commandLine.getErr().println("error: " + Escape.controls(line));
        commandLine.getErr().flush();
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse(text);
    }

    private static boolean isBrokenPipe(Throwable e) {
        Throwable current = e;
        for (var i = 0; current != null && i < CAUSES_MAX; i++) {
            if (current instanceof IOException && "Broken pipe".equals(current.getMessage())) {
                return true;
            }
            current = current.getCause();
        }
        return false;
    }
}
