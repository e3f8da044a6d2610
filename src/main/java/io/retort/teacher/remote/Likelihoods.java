package io.retort.teacher.remote;

import com.fasterxml.jackson.databind.JsonNode;

/** A server's way to tell how likely a text is after another. Any thread may use it. */
interface Likelihoods {
    /** What the way is called, for provenance and messages. */
    String name();

    /**
     * The log-probability of each token of a text after a prompt, in nats.
     *
     * @throws ServerRefusal if the server will not tell them
     * @throws BadAnswer     if what it tells cannot be these
     * @throws Unreadable    if the text's tokens cannot be told apart from the prompt's
     */
    double[] of(String prompt, String text) throws Unreadable;

    /** A text that a server's tokens do not hold by itself. */
    final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * Reads one log-probability.
     *
     * @throws BadAnswer if it is null, no number, not finite, or that of more than certainty
     */
    static double logProbability(JsonNode value) {
        double nats = value.isNumber() ? value.doubleValue() : Double.NaN;
        // Rounding may carry a certain token a little above 0.
        if (!Double.isFinite(nats) || nats > 1e-3) {
            String told = value.isNull() || value.isMissingNode()
                    ? "missing"
                    : value.isNumber() ? "" + nats : "no number";
            throw BadAnswer.lasting("told a log-probability that is " + told);
        }
        return Math.min(nats, 0);
    }

    /**
     * Reads a list of token ids.
     *
     * @param bytes of the text that they are of: each but a few added ones stands for a byte or more
     * @throws BadAnswer if it is none, or too long to be that text's
     */
    static int[] ids(JsonNode list, int bytes) {
        if (!list.isArray() || list.size() > bytes + 8) throw BadAnswer.lasting("told no tokens of a text");
        int[] ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            JsonNode id = list.get(i).isObject() ? list.get(i).path("id") : list.get(i);
            if (!id.canConvertToInt() || id.intValue() < 0) throw BadAnswer.lasting("told a token that is no number");
            ids[i] = id.intValue();
        }
        return ids;
    }

    /** The first choice of an answer of OpenAI's protocol. */
    static JsonNode choice(JsonNode answer) {
        JsonNode choice = answer.path("choices").path(0);
        if (!choice.isObject()) throw BadAnswer.lasting("answered without a choice");
        return choice;
    }
}
