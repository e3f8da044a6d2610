package io.retort.jobs;

import io.retort.fetch.ModelLookup;
import io.retort.files.BadInput;
import io.retort.reply.ScoreCalibration;
import io.retort.settings.InvalidSetting;
import io.retort.store.ModelFolder;
import io.retort.store.SentenceTransformersExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Writes a trained student for another program, or smaller for this one. */
public final class ExportJob {
    private final ExportSettings settings;
    private final Path out;

    /**
     * Prepares an export; nothing is read or written yet.
     *
     * @param out the folder to write, new or empty
     */
    public ExportJob(ExportSettings settings, Path out) {
        if (settings == null) throw new IllegalArgumentException("settings is null");
        if (out == null) throw new IllegalArgumentException("out is null");
        this.settings = settings;
        this.out = out;
    }

    /**
     * What an export has written.
     *
     * @param model   the folder of the student
     * @param folders that were made of it
     */
    public record Result(Path model, List<Path> folders) {
        public Result {
            folders = List.copyOf(folders);
        }
    }

    /**
     * Writes the student in the format that the settings ask for.
     *
     * @param news told in a sentence when something takes a while
     * @throws BadInput       if the model cannot be written so, or the folder holds something
     * @throws InvalidSetting if no model is named
     */
    public Result run(Consumer<String> news) throws IOException {
        InvalidSetting.unless(!settings.model().isEmpty(), "model", settings.model(), "name a model or its folder");
        ModelFolder folder = ModelLookup.find(settings.model(), news);
        return new Result(folder.path(), switch (settings.format()) {
            case SENTENCE_TRANSFORMERS -> SentenceTransformersExport.write(folder, out);
            case INT8 -> List.of(int8(folder));
        });
    }

    private Path int8(ModelFolder folder) throws IOException {
        Path written = folder.writeInt8(out).path();
        Path calibration = folder.path().resolve(ScoreCalibration.FILE);
        // Scores change in their third digit, which moves no floor.
        if (Files.isRegularFile(calibration)) Files.copy(calibration, written.resolve(ScoreCalibration.FILE));
        return written;
    }
}
