package io.retort.learn;

import io.retort.files.BadInput;
import io.retort.settings.InvalidSetting;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file to train on, and how much of it: with weight 0.5 each epoch takes half of its examples, others each time; with
 * 2 it takes all of them twice.
 *
 * @param weight more than 0
 */
public record WeightedFile(Path file, double weight) {
    private static final int MOST = 1000;
    private static final String REMEDY = "use a weight of more than 0, at most " + MOST;

    /** @throws InvalidSetting if the weight is out of its range */
    public WeightedFile {
        InvalidSetting.unless(isWeight(weight), "weight", weight, REMEDY);
    }

    private static boolean isWeight(double weight) {
        return weight > 0 && weight <= MOST;
    }

    /**
     * Reads {@code FILE} or {@code FILE@WEIGHT}; a file of that whole name goes first.
     *
     * @throws BadInput if the weight is no number, or out of range
     */
    public static WeightedFile parse(String text) {
        int at = text.lastIndexOf('@');
        if (at <= 0 || Files.exists(Path.of(text))) return new WeightedFile(Path.of(text), 1);
        double weight;
        try {
            weight = Double.parseDouble(text.substring(at + 1));
        } catch (NumberFormatException e) {
            throw BadInput.of(text + ": what follows the last @ is no weight", "write FILE or FILE@0.5").causedBy(e);
        }
        if (!isWeight(weight)) throw BadInput.of(text, REMEDY);
        return new WeightedFile(Path.of(text.substring(0, at)), weight);
    }

    /** Number of examples that an epoch takes of a file that holds {@code examples}. */
    int share(int examples) {
        return Math.toIntExact(Math.round(weight * examples));
    }

    @Override
    public String toString() {
        return weight == 1 ? file.toString() : file + "@" + weight;
    }
}
