package io.retort.learn;

import io.retort.dialogue.Dialogue;
import io.retort.dialogue.DialogueFile;
import io.retort.files.BadInput;
import io.retort.ingest.ReadingSettings;
import io.retort.ingest.SourceFile;
import io.retort.ingest.SourceReader;
import io.retort.lm.TrainingText;
import io.retort.settings.InvalidSetting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The texts of each step in which a generator is trained on dialogues. Which of two speakers is the one who replies is
 * drawn anew each time, since contexts begin with either. A pure function of data, settings, seed and step. For use by
 * one thread.
 */
final class DialogueBatches {
    private final DialogueTexts texts;
    private final long seed;
    private final Epochs<DialogueTexts.Window> epochs;

    private DialogueBatches(DialogueTexts texts, long seed, Epochs<DialogueTexts.Window> epochs) {
        this.texts = texts;
        this.seed = seed;
        this.epochs = epochs;
    }

    /**
     * Reads the dialogues of files and prepares their order.
     *
     * @param batch texts of a step at most: all that there are, where they are fewer
     * @throws BadInput if a file is damaged or holds something else
     */
    public static DialogueBatches read(List<WeightedFile> files, DialogueTexts texts, int batch, long seed,
            ReadingSettings reading) throws IOException {
        InvalidSetting.unless(batch >= 1, "batch", batch, "use 1 or more");
        List<Epochs.Part<DialogueTexts.Window>> parts = new ArrayList<>();
        for (WeightedFile file : files) {
            parts.add(new Epochs.Part<>(file, windows(file.file(), texts, Long.MAX_VALUE, reading)));
        }
        return new DialogueBatches(texts, seed,
                new Epochs<>(parts, DialogueTexts.Window::tokens, batch, 1, false, seed));
    }

    /**
     * The first dialogues of files, each as texts that are always the same: what a generator is validated on.
     *
     * @param limit most dialogues of a file
     * @throws BadInput if a file is damaged or holds something else
     */
    public static List<TrainingText> fixed(List<Path> files, DialogueTexts texts, long limit,
            ReadingSettings reading) throws IOException {
        List<TrainingText> all = new ArrayList<>();
        for (Path file : files) {
            List<DialogueTexts.Window> windows = windows(file, texts, limit, reading);
            for (int i = 0; i < windows.size(); i++) all.add(texts.text(windows.get(i), i % 2 == 1));
        }
        return all;
    }

    private static List<DialogueTexts.Window> windows(Path file, DialogueTexts texts, long limit,
            ReadingSettings reading) throws IOException {
        SourceFile source = SourceFile.recognise(file, reading);
        if (!(source.form() instanceof DialogueFile)) {
            throw BadInput.in(file, "holds no dialogues, which a generator is trained on",
                    "give whole dialogues: {\"id\", \"turns\": [{\"s\", \"t\"}]}");
        }
        List<DialogueTexts.Window> windows = new ArrayList<>();
        try (SourceReader<Dialogue> reader = source.dialogues()) {
            for (long read = 0; read < limit && reader.hasNext(); read++) windows.addAll(texts.windows(reader.next()));
        }
        if (windows.isEmpty()) throw BadInput.in(file, "has no dialogue", "give data");
        return windows;
    }

    /** Steps in which all data are seen once, as often as their weights say. */
    public int stepsPerEpoch() {
        return epochs.steps();
    }

    /** Number of texts in each step. */
    int size() {
        return epochs.batch();
    }

    /** The texts that a generator learns from in a step. */
    public List<TrainingText> batch(long step) {
        SplittableRandom random = RandomStreams.random(seed, RandomStreams.LABELS, step);
        return epochs.batch(step).stream().map(window -> texts.text(window, random.nextBoolean())).toList();
    }
}
