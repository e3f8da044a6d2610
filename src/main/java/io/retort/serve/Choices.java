package io.retort.serve;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * {@code /v1/server}: what the page needs to know of its server, and what it may be switched to: what it was started with
 * and the bots, models and indexes that its owner named. Any thread.
 */
final class Choices {
    private final Deployment deployment;
    private final Gate gate;
    private final boolean hasStudy;
    private final Map<String, Supplier<Choice>> choices = new LinkedHashMap<>();
    /** What each choice that has served was made of, by its name. */
    private final Map<String, List<String>> served = new LinkedHashMap<>();

    /** What another generation is opened by. */
    private record Choice(Optional<String> model, Optional<Path> index) {
        static Choice of(String what) {
            Path path = Path.of(what);
            // Without a model's name, the model that made the index is found.
            return Files.isRegularFile(path)
                    ? new Choice(Optional.of(""), Optional.of(path))
                    : new Choice(Optional.of(what), Optional.empty());
        }
    }

    Choices(Deployment deployment, Gate gate, ServeSettings settings, PageSettings page) {
        this.deployment = deployment;
        this.gate = gate;
        this.hasStudy = page.study().isPresent();
        Generation now = deployment.lease();
        try {
            String first = settings.index().isPresent()
                    ? now.name() + " with " + settings.index().get().getFileName()
                    : now.name();
            choices.put(first, () -> new Choice(Optional.of(settings.model()), settings.index()));
            served.put(first, made(now));
        } finally {
            now.release();
        }
        for (String each : page.choice()) {
            String name = Path.of(each).getFileName() == null ? each : Path.of(each).getFileName().toString();
            choices.putIfAbsent(choices.containsKey(name) ? each : name, () -> Choice.of(each));
        }
    }

    private static List<String> made(Generation generation) {
        return List.of(generation.modelFingerprint(), generation.indexFingerprint());
    }

    /** Tells what serves, and what else could. */
    void tell(Call call) {
        call.json(200, facts());
    }

    private synchronized ObjectNode facts() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        Generation now = deployment.lease();
        try {
            json.putObject("model").put("name", now.name()).put("fingerprint", now.modelFingerprint());
            json.putObject("index").put("name", now.source().index().getFileName().toString())
                    .put("fingerprint", now.indexFingerprint()).put("responses", now.responder().size());
            json.put("safety", now.guard().isOn()).put("may_change", gate.takesChanges()).put("study", hasStudy);
            ArrayNode all = json.putArray("choices");
            boolean isFound = false;
            for (String name : choices.keySet()) {
                boolean isServing = !isFound && made(now).equals(served.get(name));
                isFound |= isServing;
                all.addObject().put("name", name).put("serves", isServing);
            }
        } finally {
            now.release();
        }
        return json;
    }

    /** Has one of the choices serve. */
    void choose(Call call) {
        String name = call.body().only(Set.of("choice")).requiredText("choice", 4096);
        if (!choices.containsKey(name))
            throw Fault.of(404, "unknown_choice", "there is no choice of that name; GET /v1/server "
                    + "lists them");
        Choice choice = choices.get(name).get();
        deployment.reload(choice.model, choice.index);
        synchronized (this) {
            Generation now = deployment.lease();
            try {
                served.put(name, made(now));
            } finally {
                now.release();
            }
        }
        call.json(200, facts());
    }
}
