package io.retort.cli;

import io.retort.safety.SafetyCategory;
import io.retort.safety.SafetyScreen;
import io.retort.safety.SafetyVerdict;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "check", mixinStandardHelpOptions = true,
        description = "Says for each text whether the screen stops it, why, and what is said instead; without the "
                + "classifier, which needs a student.",
        footer = {"", "Say:  retort safety check \"shoot me an email\" --safety-config mine.json"})
final class SafetyCheckCommand implements Callable<Integer> {
    @Mixin
    private SafetyOptions safety;
    @Mixin
    private Output output;

    @Option(names = "--reply", description = "Judge the texts as replies, not as what a person says.")
    private boolean reply;

    @Parameters(arity = "1..*", paramLabel = "TEXT", description = "The texts.")
    private List<String> texts;

    @Override
    public Integer call() throws IOException {
        SafetyScreen screen = SafetyScreen.of(safety.settings());
        for (String text : texts) {
            SafetyVerdict verdict = reply ? screen.checkReply(text) : screen.checkTurn(text);
            String category = verdict.category().map(SafetyCategory::key).orElse("passes");
            if (output.json) {
                Map<String, Object> facts = new LinkedHashMap<>();
                facts.put("text", text);
                facts.put("passes", verdict.passes());
                verdict.category().ifPresent(_ -> {
                    facts.put("category", category);
                    facts.put("reason", verdict.reason());
                    if (!reply) facts.put("said", screen.answer(verdict, 0));
                });
                output.json(facts);
            } else {
                output.line(verdict.passes()
                        ? category + "  " + text
                        : category + "  " + text + "  (" + verdict.reason() + ")");
            }
        }
        return 0;
    }
}
