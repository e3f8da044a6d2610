package io.retort.fetch;

import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The bytes of an answer as they come, with a limit on silence: the JDK's own body streams would wait for ever on a
 * dead connection. The HTTP client's threads fill it, one thread reads and closes it.
 */
final class TimedBody implements BodySubscriber<TimedBody>, AutoCloseable {
    /** Pieces asked for ahead of the reader; the client's are of 16 KiB. */
    private static final int AHEAD = 16;

    private sealed interface Event {
        record Bytes(List<ByteBuffer> pieces) implements Event {}

        record End() implements Event {}

        record Failure(Throwable cause) implements Event {}
    }

    private final Duration silence;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    TimedBody(Duration silence) {
        this.silence = silence;
    }

    /** The next pieces, or an empty list after the last. */
    List<ByteBuffer> next() throws HttpSource.ConnectionCut, InterruptedIOException {
        return switch (await()) {
            case Event.Bytes(List<ByteBuffer> pieces) -> {
                subscription.join().request(1);
                yield pieces;
            }
            case Event.End() -> List.of();
            case Event.Failure(Throwable cause) ->
                throw new HttpSource.ConnectionCut("the connection was cut (" + cause.getMessage() + ")")
                        .causedBy(cause);
        };
    }

    private Event await() throws HttpSource.ConnectionCut, InterruptedIOException {
        try {
            Event event = events.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
            if (event == null) throw new HttpSource.ConnectionCut("no data for " + silence.toSeconds() + " s");
            return event;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while downloading");
        }
    }

    /** Closes the connection if the body is not at its end. */
    @Override
    public void close() {
        subscription.thenAccept(Flow.Subscription::cancel);
    }

    @Override
    public CompletionStage<TimedBody> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription bytes) {
        subscription.complete(bytes);
        bytes.request(AHEAD);
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
        // Empty pieces are left out, as an empty list would look like the end.
        if (pieces.isEmpty()) subscription.join().request(1);
        else events.add(new Event.Bytes(pieces));
    }

    @Override
    public void onError(Throwable cause) {
        events.add(new Event.Failure(cause));
    }

    @Override
    public void onComplete() {
        events.add(new Event.End());
    }
}
