package io.retort.reply;

import io.retort.dialogue.Context;
import io.retort.files.BadInput;
import io.retort.retrieval.RetrievalModel;
import io.retort.safety.SafetyClassifier;
import io.retort.safety.SafetyScreen.TurnClassifier;
import io.retort.safety.SafetyVerdict;
import io.retort.store.ModelFolder;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;

/** Judges turns by what a student makes of them, which takes one pass of its encoder. Any thread. */
public final class StudentTurnClassifier implements TurnClassifier {
    private final RetrievalModel model;
    private final SafetyClassifier classifier;
    private final Function<int[], float[]> encoder;

    private StudentTurnClassifier(RetrievalModel model, SafetyClassifier classifier,
            Function<int[], float[]> encoder) {
        this.model = model;
        this.classifier = classifier;
        this.encoder = encoder;
    }

    /**
     * The classifier that lies in a student's folder, at work; empty if there is none, or it was fitted for other weights
     * than the folder now holds.
     *
     * @param model the student, which stays open as long as the classifier is used
     * @throws BadInput if the file is no classifier
     */
    public static Optional<TurnClassifier> of(ModelFolder folder, RetrievalModel model) throws IOException {
        return of(folder, model, model::encodeContext);
    }

    /**
     * The same for somebody who encodes turns in a way of his own, such as together with others.
     *
     * @param encoder gives what the model's {@link RetrievalModel#encodeContext} gives
     */
    public static Optional<TurnClassifier> of(ModelFolder folder, RetrievalModel model,
            Function<int[], float[]> encoder) throws IOException {
        Optional<SafetyClassifier> classifier = SafetyClassifier.read(folder.path());
        if (classifier.isEmpty() || model.config().form().contextVectors().isPresent()) return Optional.empty();
        boolean isItsOwn = classifier.get().dims() == model.dim()
                && classifier.get().student().equals(folder.fingerprint());
        return isItsOwn ? Optional.of(new StudentTurnClassifier(model, classifier.get(), encoder)) : Optional.empty();
    }

    @Override
    public Optional<SafetyVerdict> classify(String turn) {
        int[] tokens;
        try {
            tokens = model.inputs().context(Context.of(turn));
        } catch (BadInput _) {
            return Optional.empty(); // nothing is left of it once it is tokenised, which answering tells
        }
        return classifier.classify(encoder.apply(tokens));
    }
}
