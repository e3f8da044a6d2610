package io.retort.store.parlai;

import io.retort.files.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of a ParlAI model, which lie side by side: {@code model}, {@code model.opt}, {@code model.dict} and the
 * files of its byte pair encoding.
 *
 * @param model      the checkpoint, written by {@code torch.save}
 * @param options    the JSON of its options
 * @param dictionary one token a line, with its count
 */
record ParlaiFiles(Path model, Path options, Path dictionary) {
    private static final String OPTIONS = ".opt";
    private static final String DICTIONARY = ".dict";
    /** What ParlAI appends to the name of a checkpoint that is written while training goes on. */
    private static final String CHECKPOINT = ".checkpoint";

    /** Returns whether a path is a ParlAI model or a folder with one. */
    static boolean is(Path path) throws IOException {
        if (Files.isRegularFile(path)) return Files.isRegularFile(beside(path, OPTIONS));
        return Files.isDirectory(path) && !Files.exists(path.resolve("config.json")) && !models(path).isEmpty();
    }

    /**
     * Finds the files of a model.
     *
     * @param path the checkpoint, or the folder in which it lies
     * @throws BadInput if one of them is missing
     */
    static ParlaiFiles of(Path path) throws IOException {
        Path model = Files.isDirectory(path) ? modelIn(path) : path;
        String base = model.toString().endsWith(CHECKPOINT)
                ? model.toString().substring(0, model.toString().length() - CHECKPOINT.length())
                : model.toString();
        Path dictionary = Stream.of(beside(model, DICTIONARY), Path.of(base + DICTIONARY)).filter(Files::isRegularFile)
                .findFirst().orElseThrow(() -> BadInput.in(beside(model, DICTIONARY), "there is no such file",
                        "a ParlAI model has its dictionary beside it: fetch the whole folder"));
        return new ParlaiFiles(model, required(beside(model, OPTIONS), "its options"), dictionary);
    }

    private static Path modelIn(Path folder) throws IOException {
        List<Path> models = models(folder);
        return models.stream().filter(model -> model.getFileName().toString().equals("model")).findFirst()
                .orElseGet(() -> {
                    if (models.size() == 1) return models.getFirst();
                    throw BadInput.in(folder, models.isEmpty()
                            ? "holds no model of ParlAI's: a file with its options (.opt) beside it"
                            : "holds several models, such as " + models.getFirst().getFileName(),
                            "name the model's file itself");
                });
    }

    private static List<Path> models(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.toString().endsWith(DICTIONARY) && Files.isRegularFile(file)
                    && Files.isRegularFile(beside(file, OPTIONS))).sorted().toList();
        }
    }

    /** Returns the first of some files beside the dictionary that is there. */
    Path besideDictionary(String what, String... endings) {
        return Stream.of(endings).map(ending -> ending.startsWith("/")
                ? dictionary.resolveSibling(ending.substring(1))
                : beside(dictionary, ending)).filter(Files::isRegularFile).findFirst()
                .orElseThrow(() -> BadInput.in(beside(dictionary, endings[0]), "there is no such file",
                        "it holds " + what + ": fetch the whole folder"));
    }

    private static Path required(Path file, String what) {
        if (Files.isRegularFile(file)) return file;
        throw BadInput.in(file, "there is no such file", "a ParlAI model has " + what + " beside it: fetch the whole "
                + "folder");
    }

    private static Path beside(Path file, String ending) {
        return file.resolveSibling(file.getFileName() + ending);
    }
}
