package io.retort.reply;

import io.retort.fetch.BundledFiles;
import io.retort.fetch.ModelCatalog;
import io.retort.fetch.ModelHome;
import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.search.ModelFingerprint;
import io.retort.search.ModelPlace;
import io.retort.search.ResponseIndex;
import io.retort.simd.WorkerPool;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Finds the model that made an index: where the index says it was, beside the index, in what comes with Retort, and
 * among the models that were pulled. Names and places only say where to look: it is the model whose fingerprint the
 * index holds, or none. For one search by one thread.
 */
public final class ModelOfIndex {
    /** The most folders beside an index, or of pulled models, whose weights are read to compare them. */
    private static final int MOST_FOLDERS = 64;

    private final Path index;
    private final String name;
    private final ModelFingerprint fingerprint;
    private final int dims;
    private final Optional<ModelPlace> place;
    private final Optional<Path> told;
    private final Consumer<String> news;
    private final Set<Path> looked = new HashSet<>();
    private final List<String> others = new ArrayList<>();

    private ModelOfIndex(ResponseIndex index, Consumer<String> news) {
        this.index = index.file();
        this.name = index.spec().metadata().path("model").asText("");
        this.fingerprint = index.spec().model();
        this.dims = index.dims();
        this.place = ModelPlace.in(index);
        this.told = place.flatMap(some -> some.folder(index));
        this.news = news;
    }

    /** Where a model's folder is, as an index in a file should tell it. */
    public static ModelPlace place(ModelFolder model, Path index) {
        Path folder = model.path().toAbsolutePath().normalize(), home = ModelHome.root().toAbsolutePath().normalize();
        if (folder.startsWith(home.resolve("bundled"))) return ModelPlace.BUNDLED;
        return folder.startsWith(home.resolve("models")) ? ModelPlace.PULLED : ModelPlace.of(folder, index);
    }

    /**
     * The model that made an index.
     *
     * @param news told in a sentence when something takes a while
     * @throws BadInput if the index is damaged, or its model is in none of the places, which are named
     */
    public static ModelFolder find(Path index, Consumer<String> news) throws IOException {
        try (WorkerPool pool = new WorkerPool(1);
                ResponseIndex open = ResponseIndex.open(index, ResponseIndex.Verification.ENDS, pool)) {
            return new ModelOfIndex(open, news).find();
        }
    }

    private ModelFolder find() throws IOException {
        Optional<ModelFolder> found = told.isPresent() ? at(told.get()) : Optional.empty();
        if (found.isEmpty() && isNamed(BundledFiles.STUDENT, ModelPlace.BUNDLED)) found = named(BundledFiles.STUDENT);
        if (found.isEmpty()) found = beside();
        if (found.isEmpty()) found = pulled();
        return found.orElseThrow(this::missing);
    }

    private boolean isNamed(String model, ModelPlace where) {
        return name.equals(model) || place.filter(where::equals).isPresent();
    }

    /** The model in a folder, if it is the one. */
    private Optional<ModelFolder> at(Path folder) throws IOException {
        if (!looked.add(folder.toAbsolutePath().normalize())) return Optional.empty();
        if (!Files.isRegularFile(folder.resolve(ModelFolder.CONFIG))) return Optional.empty();
        try {
            ModelFolder model = ModelFolder.open(folder);
            if (model.config().dim() == dims && model.fingerprint().equals(fingerprint.hex())) {
                return Optional.of(model);
            }
            others.add(folder + " is another model");
        } catch (BadInput e) {
            others.add(e.getMessage());
        }
        return Optional.empty();
    }

    /** A model that comes with Retort or is in the catalogue, which is unpacked if it need be. */
    private Optional<ModelFolder> named(String model) throws IOException {
        try {
            return at(ModelLookup.find(model, news).path());
        } catch (BadInput e) {
            others.add(e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<ModelFolder> beside() throws IOException {
        Path folder = index.toAbsolutePath().normalize().getParent();
        Optional<ModelFolder> found = at(folder);
        return found.isPresent() ? found : within(folder);
    }

    private Optional<ModelFolder> pulled() throws IOException {
        Optional<ModelFolder> found = within(ModelHome.root().resolve("models"));
        boolean isKnown = found.isEmpty() && ModelCatalog.bundled().find(name).isPresent();
        return isKnown ? named(name) : found;
    }

    /** The model among the folders in a folder, of which the one that bears its name is looked at first. */
    private Optional<ModelFolder> within(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) return Optional.empty();
        List<Path> folders = new ArrayList<>();
        try (Stream<Path> all = Files.list(parent)) {
            all.filter(each -> Files.isRegularFile(each.resolve(ModelFolder.CONFIG))).sorted().limit(MOST_FOLDERS)
                    .forEach(folders::add);
        }
        try {
            if (!name.isEmpty()) folders.addFirst(parent.resolve(name));
        } catch (InvalidPathException e) {
            // No folder here can bear that name.
        }
        for (Path folder : folders) {
            Optional<ModelFolder> found = at(folder);
            if (found.isPresent()) return found;
        }
        return Optional.empty();
    }

    private BadInput missing() {
        String where = told.map(folder -> looked.contains(folder.toAbsolutePath().normalize())
                && !Files.exists(folder) ? " (" + folder + " is gone)" : "").orElse("");
        String seen = others.isEmpty() ? "" : "; seen: " + String.join(", ", others.stream().limit(3).toList());
        return BadInput.in(index, "made with " + (name.isEmpty() ? "a model" : name) + " (" + fingerprint.brief()
                + "), which is not where it was" + where + ", not beside the index, and neither comes with Retort nor "
                + "was pulled" + seen, "give its folder as \"model\", or make the index anew");
    }
}
