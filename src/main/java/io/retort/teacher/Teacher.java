package io.retort.teacher;

import io.retort.files.BadInput;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Who is distilled: it writes replies to contexts, judges the replies of others, or both. Everything is said in text,
 * so that a teacher may be a language model in this process ({@link LocalTeacher}), one behind a network, or a list of
 * rules.
 *
 * <p>What a teacher says of a request depends on that request and on the teacher alone, not on what else is asked at
 * the same time: jobs that are interrupted and taken up again give the same bytes only then. Jobs ask from one thread
 * at a time; a teacher that may be asked from several says so.
 */
public interface Teacher extends AutoCloseable {
    /** The teacher's name, for people and for the provenance of what it makes. */
    String name();

    /** What the teacher can do, which stays the same throughout its life. */
    Capabilities capabilities();

    /**
     * Tells this teacher from every other that may say something else, whatever their names: an interrupted job goes on
     * only with a teacher of the same fingerprint and {@link #provenance()}.
     */
    String fingerprint();

    /**
     * What every record that the teacher makes tells of it: plain values, which are texts, numbers, truth values, and
     * lists and maps of these.
     */
    default Map<String, Object> provenance() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("model", name());
        facts.put("fingerprint", fingerprint());
        return facts;
    }

    /**
     * Writes replies to contexts.
     *
     * @param decoding    how words are chosen; a teacher that has one way only may leave this aside
     * @param constraints what replies must be and must not be, as far as the teacher can keep to it
     * @param requests    taken one by one, no earlier than there is room for them. There may be further requests after
     *                    the last reply was told: what is asked may depend on earlier replies
     * @param done        told of each request, in their order, from the calling thread; what it throws ends the work
     * @throws BadInput                      if a request cannot be met, naming it
     * @throws UnsupportedOperationException if this teacher does not generate
     */
    void reply(Decoding decoding, Constraints constraints, Iterator<ReplyRequest> requests,
            Consumer<TeacherReplies> done);

    /**
     * Judges candidates of contexts.
     *
     * @param requests taken one by one, as there is room for them
     * @param done     told of each request, in their order, from the calling thread; what it throws ends the work
     * @throws BadInput                      if a request cannot be met, naming it
     * @throws UnsupportedOperationException if this teacher does not judge
     */
    void judge(Iterator<JudgementRequest> requests, Consumer<Judgement> done);

    /**
     * Refuses this teacher if it cannot write replies.
     *
     * @throws BadInput if it does not
     */
    default void requireGenerates() {
        if (!capabilities().generates()) {
            throw BadInput.of("the teacher " + name() + " does not write replies, it only judges them",
                    "take a language model");
        }
    }

    /**
     * Refuses this teacher if it cannot judge replies.
     *
     * @throws BadInput if it does not
     */
    default void requireJudges() {
        if (!capabilities().judges()) {
            throw BadInput.of("the teacher " + name() + " cannot tell how likely a reply is, it only writes replies",
                    "take a language model");
        }
    }

    /** Frees the memory and whatever else the teacher holds. */
    @Override
    void close();
}
