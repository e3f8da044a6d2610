package io.retort.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a command's settings come from beside the command line, and whether they are only shown. */
final class ConfigOptions {
    @Option(names = "--config", paramLabel = "FILE",
            description = "Settings, a JSON object whose keys are the options above without dashes; options given "
                    + "beside it win.")
    private Path config;

    @Option(names = "--print-config", description = "Print the effective settings and stop.")
    private boolean print;

    ConfigFile file() throws IOException {
        return config == null ? ConfigFile.none() : ConfigFile.read(config);
    }

    /** Prints them if that is all that is wanted. */
    boolean printed(Output output, ObjectNode effective) {
        if (print) output.line(effective.toPrettyString());
        return print;
    }
}
