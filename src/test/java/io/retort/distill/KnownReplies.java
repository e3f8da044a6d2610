package io.retort.distill;

import io.retort.generate.ControlTokens;
import io.retort.generate.Letters;
import io.retort.generate.TableModel;
import io.retort.generate.TeacherText;
import io.retort.generate.TextLanguageModel;
import io.retort.teacher.LoadedTeacher;
import io.retort.teacher.LocalTeacher;
import io.retort.teacher.LocalTeacherSettings;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A teacher that knows few replies, each with its probability: after a newest turn those given for it, after nothing
 * those given for the empty turn. A token is a letter; no other text has a probability to speak of.
 */
final class KnownReplies {
    static final int CONTEXT = 200;
    private static final Letters LETTERS = new Letters("\n !',-.:?ABIabcdefghijklmnopqrstuvwxyz");
    /** exp of it is nothing beside 1, in F32 as well. */
    private static final float IMPOSSIBLE = -200;

    private final Map<String, Map<String, Double>> replies = new LinkedHashMap<>();

    /**
     * @param known replies to this turn with their probabilities, which add up to 1; none begins with another and its
     *              line break
     */
    KnownReplies to(String turn, Map<String, Double> known) {
        replies.put(turn, known);
        return this;
    }

    Letters tokenizer() {
        return LETTERS;
    }

    TableModel model() {
        return model(CONTEXT);
    }

    TableModel model(int contextLength) {
        return new TableModel(LETTERS.vocabularySize(), contextLength, this::logits);
    }

    /** The model as a teacher, which reads candidates of up to half its length. */
    LocalTeacher teacher(int contextLength, LocalTeacherSettings settings) {
        return teacher(model(contextLength), settings);
    }

    /** Another model that speaks in the same letters as a teacher. */
    LocalTeacher teacher(TableModel model, LocalTeacherSettings settings) {
        Path path = Path.of("known");
        TeacherText text = new TeacherText(LETTERS, ControlTokens.none(), Optional.empty());
        return LoadedTeacher.of(path, TextLanguageModel.of(path, model, text), "known replies", "table", settings);
    }

    /** Tokens of a reply: a space before it and a line break behind. */
    static int length(String reply) {
        return reply.length() + 2;
    }

    private float[] logits(IntArrayList tokens) {
        String text = LETTERS.decode(tokens.toIntArray());
        int label = text.lastIndexOf("B:");
        float[] logits = new float[LETTERS.vocabularySize()];
        Arrays.fill(logits, IMPOSSIBLE);
        String turn = label <= 0 ? "" : text.substring(text.lastIndexOf("A: ", label) + 3, label).strip();
        String written = text.substring(label + 2);
        double[] masses = new double[logits.length];
        replies.get(turn).forEach((reply, probability) -> {
            String whole = " " + reply + "\n";
            if (whole.length() > written.length() && whole.startsWith(written)) {
                masses[LETTERS.requiredId(whole.substring(written.length(), written.length() + 1))] += probability;
            }
        });
        for (int i = 0; i < masses.length; i++) if (masses[i] > 0) logits[i] = (float) Math.log(masses[i]);
        return logits;
    }
}
