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
import java.util.function.IntFunction;

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

    /** The same classifier for somebody who encodes turns in a way of his own, as {@link #of} has it. */
    public StudentTurnClassifier by(Function<int[], float[]> encoder) {
        return new StudentTurnClassifier(model, classifier, encoder);
    }

    /**
     * What the classifier says of the replies of a responder, by the vectors that they are searched by, so that nothing is
     * encoded. That means the same where one encoder reads turns and replies alike; of other students it says nothing.
     */
    IntFunction<Optional<SafetyVerdict>> ofReplies(ModelResponder responder) {
        boolean readsAlike = model.config().tied()
                && model.config().text().contextPrefix().equals(model.config().text().replyPrefix());
        if (!readsAlike || responder.model() != model) return _ -> Optional.empty();
        return row -> responder.vector(row).flatMap(classifier::classify);
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
