package io.retort.dialogue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

import io.retort.files.BadInput;

/**
 * Shares out whole dialogues, never pairs of one dialogue, to training, development and test. A dialogue's part follows
 * from a hash of its id alone: the same on every machine and whatever else the file holds, and a dialogue that is in
 * the test part stays there when the development part grows. Immutable.
 *
 * @param dev share of dialogues for development, in [0, 1]
 * @param test share of dialogues for the test, in [0, 1]
 */
public record Split(double dev, double test) {
    /** Part of the data. */
    public enum Part { TRAIN, DEV, TEST }

    /**
     * @throws BadInput if a share is outside [0, 1] or both together exceed 1
     */
    public Split {
        if (!(dev >= 0 && test >= 0 && dev + test <= 1)) {
            throw BadInput.of("shares of " + dev + " for development and " + test + " for the test",
                    "give shares from 0 to 1 that add up to at most 1");
        }
    }

    /** The part of a dialogue. */
    public Part of(Dialogue dialogue) {
        return of(dialogue.id());
    }

    /** The part of the dialogue of that id. */
    public Part of(String dialogueId) {
        double place = place(dialogueId);
        if (place < test) return Part.TEST;
        return place >= 1 - dev ? Part.DEV : Part.TRAIN;
    }

    /** A number in [0, 1), evenly spread over ids: the first 53 bits of the id's SHA-256. */
    private static double place(String id) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
            return (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1p-53;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
