package io.retort.serve;

import io.retort.files.BadInput;
import io.retort.runtime.RetortRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The generation that serves now, and how another takes its place: it is opened and warmed up beside the old one, which
 * answers meanwhile; requests that come afterwards go to the new one, those under way end where they began. If it
 * cannot be opened the old one stays. Any thread.
 */
final class Deployment implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Deployment.class);
    private static final long WATCH_MILLIS = 1000;

    private final RetortRuntime runtime;
    private final ServeSettings settings;
    private final ServerMetrics metrics;
    private final ReentrantLock reloading = new ReentrantLock();
    /** Held while responses are changed and while generations change, so that no change is lost between two. */
    private final ReentrantLock changing = new ReentrantLock();
    private final Map<Path, ResponseJournal> journals = new HashMap<>();
    private final AtomicReference<Generation> current = new AtomicReference<>();
    private volatile String model;
    private volatile Optional<Path> index;
    private volatile Thread watcher;
    private volatile String lastFailure = "";

    private Deployment(RetortRuntime runtime, ServeSettings settings, ServerMetrics metrics) {
        this.runtime = runtime;
        this.settings = settings;
        this.metrics = metrics;
        this.model = settings.model();
        this.index = settings.index();
    }

    /** Opens what the settings name. */
    static Deployment open(RetortRuntime runtime, ServeSettings settings, ServerMetrics metrics) throws IOException {
        Deployment deployment = new Deployment(runtime, settings, metrics);
        try {
            deployment.swap(deployment.opened(deployment.model, deployment.index));
        } catch (Throwable e) {
            deployment.close();
            throw e;
        }
        if (settings.watch()) deployment.watcher = Thread.ofVirtual().name("retort-watch").start(deployment::watch);
        return deployment;
    }

    private Generation opened(String model, Optional<Path> index) throws IOException {
        Generation.Source source = Generation.Source.of(runtime, model, index);
        return Generation.open(runtime, source, journal(source.index()), settings, metrics);
    }

    private ResponseJournal journal(Path index) throws IOException {
        String name = index.getFileName() + ".responses.jsonl";
        Path file = settings.state().map(folder -> folder.resolve(name)).orElse(index.resolveSibling(name))
                .toAbsolutePath().normalize();
        synchronized (journals) {
            ResponseJournal known = journals.get(file);
            if (known != null) return known;
            ResponseJournal opened = ResponseJournal.open(file);
            journals.put(file, opened);
            return opened;
        }
    }

    private void swap(Generation next) {
        changing.lock();
        Generation old;
        try {
            next.responses().replay();
            old = current.getAndSet(next);
        } finally {
            changing.unlock();
        }
        gauges(next);
        if (old != null) old.release();
    }

    /** A use of the generation that serves now, to be {@linkplain Generation#release released}. */
    Generation lease() {
        while (true) {
            Generation now = current.get();
            if (now == null) throw Fault.unavailable("the server is closing; try another");
            if (now.acquire()) return now;
        }
    }

    /** Something that is done to the responses of the generation that serves. */
    interface Edit<T> {
        T of(Generation generation);
    }

    /** Changes responses, of the generation that serves and of no other that may take its place meanwhile. */
    <T> T change(Edit<T> edit) {
        changing.lock();
        try {
            Generation now = lease();
            try {
                return edit.of(now);
            } finally {
                gauges(now);
                now.release();
            }
        } finally {
            changing.unlock();
        }
    }

    private void gauges(Generation generation) {
        metrics.gauge("retort_index_responses", generation.responder().size());
        metrics.gauge("retort_index_dims", generation.responder().index().dims());
        metrics.gauge("retort_responses_added", generation.responses().added());
        metrics.gauge("retort_responses_disabled", generation.responses().disabledCount());
    }

    /**
     * Puts a new generation in the place of the old.
     *
     * @param newModel another model's name or folder; empty for the same
     * @param newIndex another index; empty for the same
     * @throws Fault if one is under way, or the new one cannot be opened: the old one goes on
     */
    Generation.Source reload(Optional<String> newModel, Optional<Path> newIndex) {
        if (!reloading.tryLock()) {
            throw Fault.of(409, "reload_under_way", "a reload is under way; wait for its end");
        }
        try {
            String chosen = newModel.orElse(model);
            // Another model wants the index that belongs to it, not the former one's.
            Optional<Path> file = newIndex.isPresent() || newModel.isPresent() ? newIndex : index;
            Generation next = opened(chosen, file);
            model = chosen;
            index = file;
            swap(next);
            metrics.count("retort_reloads_total");
            lastFailure = "";
            LOG.info("{} with {} serves now", next.name(), next.source().index());
            return next.source();
        } catch (BadInput | IOException | IllegalArgumentException e) {
            throw refused(e.getMessage());
        } catch (OutOfMemoryError e) {
            throw refused("there is not enough memory for a second one beside it; restart the server instead");
        } finally {
            reloading.unlock();
        }
    }

    private Fault refused(String why) {
        metrics.count("retort_reload_failures_total");
        lastFailure = why;
        LOG.warn("the old model and index go on serving: {}", why);
        return Fault.of(422, "reload_failed", "the old model and index go on serving: " + why);
    }

    /** Why the last reload failed; empty if it did not. */
    String lastFailure() {
        return lastFailure;
    }

    /** Looks at the files again and again; what has changed is taken over once it stays the same for a moment. */
    private void watch() {
        String served = state(), before = served;
        try {
            while (true) {
                Thread.sleep(WATCH_MILLIS);
                String now = state();
                boolean isSettled = now.equals(before) && !now.equals(served);
                before = now;
                if (!isSettled) continue;
                served = now;
                try {
                    reload(Optional.empty(), Optional.empty());
                } catch (Fault e) {
                    LOG.debug("not taken over: {}", e.getMessage());
                } catch (RuntimeException e) {
                    LOG.error("not taken over; the files are watched on", e);
                }
            }
        } catch (InterruptedException e) {
            return; // the server is closing
        }
    }

    private String state() {
        Generation.Source source = current.get() == null ? null : current.get().source();
        if (source == null) return "";
        StringBuilder state = new StringBuilder();
        Path folder = source.model().path();
        List<Path> files = new ArrayList<>(List.of(source.index(), folder.resolve("config.json"),
                folder.resolve("model.safetensors"), folder.resolve("tokenizer.json")));
        settings.safetyConfig().ifPresent(files::add);
        for (Path file : files) {
            try {
                state.append(Files.getLastModifiedTime(file)).append(' ').append(Files.size(file)).append('\n');
            } catch (IOException e) {
                state.append("gone\n");
            }
        }
        return state.toString();
    }

    @Override
    public void close() throws IOException {
        Thread watching = watcher;
        if (watching != null) watching.interrupt();
        Generation last = current.getAndSet(null);
        if (last != null) last.release();
        synchronized (journals) {
            for (ResponseJournal journal : journals.values()) journal.close();
        }
    }
}
