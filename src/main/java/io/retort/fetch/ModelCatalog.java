package io.retort.fetch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.retort.files.BadInput;
import io.retort.store.ModelConfigJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The models known by name, from {@code weights/manifest.json}. Immutable; any thread. */
public final class ModelCatalog {
    /** The encoder that comes with Retort's own dependencies and needs no network. */
    public static final String DEFAULT = "all-minilm-l6-v2";
    private static final String RESOURCE = "/io/retort/weights/manifest.json";

    private final List<CatalogEntry> entries;
    private final List<CatalogEntry.HubModel> hubModels;

    private ModelCatalog(List<CatalogEntry> entries, List<CatalogEntry.HubModel> hubModels) {
        this.entries = List.copyOf(entries);
        this.hubModels = List.copyOf(hubModels);
    }

    /** The catalogue of this version of Retort. */
    public static ModelCatalog bundled() {
        try (InputStream in = ModelCatalog.class.getResourceAsStream(RESOURCE)) {
            return parse(new ObjectMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModelCatalog parse(JsonNode root) {
        List<CatalogEntry> entries = new ArrayList<>();
        for (JsonNode model : root.required("models")) {
            JsonNode maven = model.required("maven");
            JsonNode hub = model.required("hub");
            entries.add(new CatalogEntry(text(model, "name"), text(model, "description"), text(model, "licence"),
                    text(model, "origin"),
                    text(model, "mapping"),
                    new CatalogEntry.MavenSource(text(maven, "artifact"), piece(maven.required("weights")),
                            piece(maven.required("tokenizer"))),
                    new CatalogEntry.HubSource(text(hub, "repository"), text(hub, "revision")),
                    ModelConfigJson.parse(model.required("config"), Path.of("weights/manifest.json"))));
        }
        List<CatalogEntry.HubModel> hubModels = new ArrayList<>();
        for (JsonNode model : root.required("hub_models")) {
            hubModels.add(new CatalogEntry.HubModel(text(model, "name"), text(model, "description"),
                    text(model, "licence"), text(model, "repository")));
        }
        return new ModelCatalog(entries, hubModels);
    }

    static CatalogEntry.PackedFile piece(JsonNode node) {
        return new CatalogEntry.PackedFile(text(node, "entry"), node.required("size").longValue(),
                text(node, "sha256"));
    }

    private static String text(JsonNode node, String key) {
        return node.required(key).textValue();
    }

    public List<CatalogEntry> entries() {
        return entries;
    }

    /** The models that come from the Hugging Face Hub alone. */
    public List<CatalogEntry.HubModel> hubModels() {
        return hubModels;
    }

    public Optional<CatalogEntry.HubModel> findHubModel(String name) {
        return hubModels.stream().filter(model -> model.name().equalsIgnoreCase(name)).findFirst();
    }

    public Optional<CatalogEntry> find(String name) {
        return entries.stream().filter(entry -> entry.name().equalsIgnoreCase(name)).findFirst();
    }

    /**
     * The entry of a model, by its name in the catalogue.
     *
     * @throws BadInput if there is no such model
     */
    public CatalogEntry get(String name) {
        return find(name).orElseThrow(() -> BadInput.of("there is no model \"" + name + "\"",
                "known are " + String.join(", ", entries.stream().map(CatalogEntry::name).toList())
                        + ", from the Hub "
                        + String.join(", ", hubModels.stream().map(CatalogEntry.HubModel::name).toList()) + ", "
                        + BundledFiles.STUDENT + ", hf:OWNER/NAME and model folders"));
    }
}
