package io.retort.files;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** Deletes and replaces folders together with all that is in them. */
public final class Folders {
    /** How often another process may put a folder into our place before we give up. */
    private static final int TRIES = 10;

    private Folders() {}

    /** Deletes a folder and what is in it; nothing if it does not exist. Links are deleted, not followed. */
    public static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) return;
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }

    /** A name in the same folder that is not taken: {@code NAME.RANDOM.SUFFIX}. */
    public static Path beside(Path path, String suffix) {
        String random = Long.toString(ThreadLocalRandom.current().nextLong() >>> 1, 36);
        return path.resolveSibling(path.getFileName() + "." + random + "." + suffix);
    }

    /**
     * Gives a finished folder the name of another, which is deleted last: at every moment the one or the other is there
     * whole, if only, between two renamings, under the name {@code TARGET.RANDOM.old}. Several processes may replace
     * the same folder.
     */
    public static void replace(Path finished, Path target) throws IOException {
        for (int tries = 1;; tries++) {
            Path old = beside(target, "old");
            boolean replaces = moveAway(target, old);
            try {
                AtomicFile.replace(finished, target);
                delete(old);
                return;
            } catch (FileSystemException e) {
                boolean taken = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
                if (replaces && taken) delete(old);
                if (replaces && !taken) Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
                if (!taken || tries == TRIES) throw e;
            }
        }
    }

    private static boolean moveAway(Path target, Path old) throws IOException {
        try {
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
