package io.retort.serve;

import io.retort.reply.ResponderSettings.SearchChoice;
import io.retort.safety.SafetyLevel;
import io.retort.settings.InvalidSetting;
import io.retort.settings.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a server answers with, where it listens, and how much it takes; the components say what each is. */
public record ServeSettings(
        @Setting(
                value = "The model: a folder, a bot that `retort distill` made, or the name of a model that was pulled.",
                label = "NAME|DIR", defaultText = "the model that made the index, or retort-student") String model,
        @Setting(value = "A response index. Without it: the bot's, or the replies that come with Retort.",
                label = "FILE") Optional<Path> index,
        @Setting(
                value = "How the index is searched: exact, screened, gpu or auto, which find the same; or ann, by a graph of "
                        + "neighbours beside the index, which misses some of the best.",
                label = "METHOD") SearchChoice search,
        @Setting(value = "The address to listen on. Any but this machine's own wants an API key, or to be open.",
                label = "HOST") String host,
        @Setting(value = "The port to listen on; 0 takes a free one.", label = "PORT") int port,
        @Setting(value = "A file whose one line is the API key that clients must give; the environment variable "
                + "RETORT_API_KEY does the same.", label = "FILE") Optional<Path> apiKeyFile,
        @Setting("Serve other machines without an API key; responses and model can then not be changed over HTTP.") boolean open,
        @Setting(value = "A web origin whose pages may call the server, such as https://chat.example; may be given "
                + "several times.", label = "ORIGIN") List<String> cors,
        @Setting(value = "The certificate and its chain, PEM, to serve HTTPS.", label = "FILE") Optional<Path> tlsCert,
        @Setting(value = "The certificate's private key, PEM (PKCS #8), not encrypted.",
                label = "FILE") Optional<Path> tlsKey,
        @Setting(value = "The folder that keeps what is added and disabled while the server runs.", label = "DIR",
                defaultText = "the index's") Optional<Path> state,
        @Setting("Take over a model or an index as soon as its file changes.") boolean watch,
        @Setting("Write what users say, and what is answered, into the log of requests.") boolean logTexts,
        @Setting(value = "The least score of a reply that is given in a chat; the model's own floor if not given.",
                label = "S") Optional<Double> minScore,
        @Setting(
                value = "What is stopped of what is said and of what would be answered: off, standard (cries for help get "
                        + "a fixed reply; abuse, explicit text and other languages are not answered; coarse words are not given) "
                        + "or strict (nor are coarse words answered, or grave topics given).",
                label = "LEVEL",
                defaultText = "standard, or what the safety screen's settings say") Optional<SafetyLevel> safety,
        @Setting(value = "Settings of the safety screen in JSON: what is said instead, languages, patterns that are "
                + "added, allowed or removed (docs/safety.md).", label = "FILE") Optional<Path> safetyConfig,
        @Setting(value = "Newest turns of a chat that count as context.", label = "N",
                defaultText = "as many as the index is keyed by, or 3") Optional<Integer> history,
        @Setting(value = "Contexts that wait for an answer at most; what comes beyond is refused at once.",
                label = "N") int queue,
        @Setting(value = "Contexts that are answered together at most.", label = "N") int batch,
        @Setting(value = "Requests under way at most; what comes beyond is refused at once.",
                label = "N") int maxRequests,
        @Setting(value = "Connections at most, idle ones included.", label = "N") int maxConnections,
        @Setting(value = "Bytes of a request's body at most.", label = "BYTES") int maxBody,
        @Setting(value = "Turns of a context at most.", label = "N") int maxTurns,
        @Setting(value = "Characters of a context at most, and of a response.", label = "N") int maxCharacters,
        @Setting(value = "Replies to one context at most.", label = "N") int maxReplies,
        @Setting(value = "Contexts of one request at most.", label = "N") int maxContexts,
        @Setting(value = "Seconds that a client may take to send a request, and to go on reading.",
                label = "SECONDS") int readTimeout,
        @Setting(value = "Seconds after which an idle connection is closed.", label = "SECONDS") int idleTimeout,
        @Setting(value = "Seconds that requests under way have to end when the server is closed.",
                label = "SECONDS") int drain) {
    /** @throws InvalidSetting if a value is out of its range */
    public ServeSettings {
        if (search == null) throw new IllegalArgumentException("search is null");
        cors = List.copyOf(cors);
        InvalidSetting.unless(!host.isBlank(), "host", host, "name an address, such as 127.0.0.1");
        InvalidSetting.unless(port >= 0 && port <= 65535, "port", port, "use 0 to 65535");
        InvalidSetting.unless(tlsCert.isPresent() == tlsKey.isPresent(), tlsCert.isPresent() ? "tlsKey" : "tlsCert", "",
                "give \"tls-cert\" and \"tls-key\" together");
        for (String origin : cors) {
            InvalidSetting.unless(origin.matches("https?://[A-Za-z0-9.\\[\\]:-]+"), "cors", origin,
                    "give a scheme and a host, such as https://chat.example");
        }
        InvalidSetting.unless(minScore.isEmpty() || Double.isFinite(minScore.get()), "minScore", minScore,
                "use a number");
        InvalidSetting.unless(history.isEmpty() || history.get() >= 1, "history", history, "use 1 or more");
        atLeastOne(queue, "queue");
        atLeastOne(batch, "batch");
        atLeastOne(maxRequests, "maxRequests");
        atLeastOne(maxConnections, "maxConnections");
        InvalidSetting.unless(maxBody >= 1024, "maxBody", maxBody, "use 1024 or more");
        atLeastOne(maxTurns, "maxTurns");
        atLeastOne(maxCharacters, "maxCharacters");
        atLeastOne(maxReplies, "maxReplies");
        atLeastOne(maxContexts, "maxContexts");
        atLeastOne(readTimeout, "readTimeout");
        atLeastOne(idleTimeout, "idleTimeout");
        InvalidSetting.unless(drain >= 0, "drain", drain, "use 0 or more");
    }

    private static void atLeastOne(int value, String name) {
        InvalidSetting.unless(value >= 1, name, value, "use 1 or more");
    }

    /** The usual settings: the student that comes with Retort, for this machine alone, on port 8080. */
    public static ServeSettings defaults() {
        return new ServeSettings("", Optional.empty(), SearchChoice.AUTO, "127.0.0.1", 8080, Optional.empty(), false,
                List.of(), Optional.empty(), Optional.empty(), Optional.empty(), false, false, Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), 256, 64, 1024, 16_384, 1 << 20, 64, 8192, 100,
                256, 10, 60, 20);
    }

    /** A copy of these settings that listens on another port; 0 for a free one. */
    public ServeSettings withPort(int port) {
        return with(model, index, port, safety, safetyConfig);
    }

    /** A copy of these settings that answers with another model and index. */
    public ServeSettings withModel(String model, Optional<Path> index) {
        return with(model, index, port, safety, safetyConfig);
    }

    /**
     * A copy of these settings with another safety screen.
     *
     * @param config settings of the screen, a JSON file; empty for the usual ones
     */
    public ServeSettings withSafety(SafetyLevel level, Optional<Path> config) {
        return with(model, index, port, Optional.of(level), config);
    }

    private ServeSettings with(String model, Optional<Path> index, int port, Optional<SafetyLevel> safety,
            Optional<Path> safetyConfig) {
        return new ServeSettings(model, index, search, host, port, apiKeyFile, open, cors, tlsCert, tlsKey, state,
                watch, logTexts, minScore, safety, safetyConfig, history, queue, batch, maxRequests, maxConnections,
                maxBody, maxTurns, maxCharacters, maxReplies, maxContexts, readTimeout, idleTimeout, drain);
    }
}
