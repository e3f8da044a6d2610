package io.retort.teacher;

import io.retort.dialogue.Context;
import io.retort.generate.Constraints;
import io.retort.generate.Decoding;
import io.retort.generate.RawReply;
import io.retort.teacher.Judgement.Opinion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A teacher that is no language model: it says again the longest word that it heard in one of a few phrases, and finds a
 * reply the likelier the more of its words were heard. It knows nothing of tokens, prompts and files.
 */
public final class RuleTeacher implements Teacher {
    private static final List<String> PHRASES = List.of("so you say %s is it", "tell me more about %s then",
            "i never liked %s much", "what a %s that must be");
    /** Characters of a reply that it reads, at most. */
    public static final int LONGEST = 60;

    private final boolean judges;
    private boolean closed;

    private RuleTeacher(boolean judges) {
        this.judges = judges;
    }

    /** One that writes and judges. */
    public static RuleTeacher complete() {
        return new RuleTeacher(true);
    }

    /** One that only writes. */
    public static RuleTeacher writer() {
        return new RuleTeacher(false);
    }

    @Override
    public String name() {
        return "rules";
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(true, judges);
    }

    @Override
    public String fingerprint() {
        return "rules of " + PHRASES.hashCode();
    }

    @Override
    public void reply(Decoding decoding, Constraints constraints, Iterator<ReplyRequest> requests,
            Consumer<TeacherReplies> done) {
        while (requests.hasNext()) {
            ReplyRequest request = requests.next();
            String word = words(request.context()).stream().max((a, b) -> a.length() != b.length()
                    ? Integer.compare(a.length(), b.length())
                    : a.compareTo(b)).orElseThrow();
            List<RawReply> replies = new ArrayList<>();
            for (int i = 0; i < request.replies(); i++) {
                String phrase = PHRASES.get(Math.floorMod(request.id().hashCode() + i, PHRASES.size()));
                replies.add(new RawReply(phrase.formatted(word), true));
            }
            done.accept(new TeacherReplies(request, replies, replies.size(), true));
        }
    }

    @Override
    public void judge(Iterator<JudgementRequest> requests, Consumer<Judgement> done) {
        if (!judges) throw new UnsupportedOperationException("this one only writes");
        while (requests.hasNext()) {
            JudgementRequest request = requests.next();
            Set<String> heard = words(request.context());
            done.accept(
                    new Judgement(request, request.candidates().stream().map(text -> opinion(heard, text)).toList()));
        }
    }

    private static Optional<Opinion> opinion(Set<String> heard, String text) {
        if (text.length() > LONGEST) return Optional.empty();
        List<String> words = List.of(text.split(" "));
        double share = words.stream().filter(heard::contains).count() / (double) words.size();
        return Optional.of(new Opinion(share - 2, share, words.size()));
    }

    private static Set<String> words(Context context) {
        Set<String> words = new HashSet<>();
        context.turns().forEach(turn -> words.addAll(Arrays.asList(turn.split(" "))));
        return words;
    }

    /** Whether somebody closed it. */
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
