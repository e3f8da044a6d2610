package io.retort.cli;

import java.util.Map;
import picocli.CommandLine.Option;

/** How a context is put to the teacher. */
final class PromptOptions extends PromptForm {
    @Option(names = "--history", paramLabel = "N", defaultValue = "4",
            description = "Newest turns of a context that are read. Default: ${DEFAULT-VALUE}.")
    int history;

    @Override
    Map<String, Object> provenance() {
        Map<String, Object> facts = super.provenance();
        facts.put("history", history);
        return facts;
    }
}
