package io.retort.cli;

import io.retort.files.BadInput;
import io.retort.runtime.RuntimeSettings;
import io.retort.serve.PageSettings;
import io.retort.serve.ReplyServer;
import io.retort.serve.ServeSettings;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "serve", mixinStandardHelpOptions = true, modelTransformer = SettingsOptions.Added.class,
        description = {
            "Answers over HTTP, by an API of its own and by OpenAI's, so that its clients work as they are; ready once it "
                    + "is warm. Responses are listed, added and disabled while it runs, and a new index or model is "
                    + "taken over without a pause. What a safety screen stops is neither answered out of the index nor given. "
                    + "Ctrl-C lets requests under way end.",
            "A page to talk and to judge is at /, the API is described at /api, and docs/serving.md tells the rest.",
            "With --study it hands the items of a study to judges, at /study (docs/study.md)."},
        footer = {"", "Say:  retort serve",
            "then: curl http://127.0.0.1:8080/v1/reply -H 'Content-Type: application/json' "
                    + "-d '{\"context\": [\"hello\"]}'"})
final class ServeCommand implements SettingsOptions.Configured, Callable<Integer> {
    /** Held, since the logging of the JDK forgets loggers that nobody holds. */
    private static final Logger HTTP = Logger.getLogger("io.helidon");

    private final SettingsOptions settings = SettingsOptions.of(RuntimeSettings.class, ServeSettings.class,
            PageSettings.class)
            .basic("model", "index", "host", "port", "api-key-file", "open", "watch", "min-score", "safety",
                    "safety-config", "tls-cert", "tls-key", "study", "choice");
    @Mixin
    private Output output;

    @Parameters(arity = "0..1", paramLabel = "BOT",
            description = "A folder that `retort distill` made: model and index in one.")
    private String bot;

    @Override
    public SettingsOptions settings() {
        return settings;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (settings.printed(output, RuntimeSettings.class, ServeSettings.class, PageSettings.class)) return 0;
        ServeSettings chosen = settings.get(ServeSettings.class);
        if (bot != null && !chosen.model().isEmpty()) {
            throw BadInput.of("both " + bot + " and --model " + chosen.model(), "name one of them");
        }
        if (bot != null) chosen = chosen.withModel(bot, chosen.index());
        HTTP.setLevel(Level.SEVERE);
        try (ReplyServer server = ReplyServer.open(CommandRuntime.of(settings.get(RuntimeSettings.class)), chosen,
                settings.get(PageSettings.class));
                Interruption _ = Interruption.waiting(new StatusLine(), "what is under way", server::close)) {
            tell(server);
            server.awaitClose();
        }
        return 0;
    }

    private void tell(ReplyServer server) {
        if (!output.json) {
            output.line(String.format(Locale.ROOT, "%s answers out of %,d replies at %s", server.model(),
                    server.responses(), server.url()));
            return;
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("url", server.url().toString());
        facts.put("port", server.port());
        facts.put("model", server.model());
        facts.put("responses", server.responses());
        output.json(facts);
    }
}
