package org.pganalytics.collector.load;

import io.vertx.core.Handler;

/**
 * What all collectors of a run share; each part is safe to share between event loops.
 *
 * @param broken told what makes it useless to go on: a journal that cannot be written, a bug
 */
record LoadShared(Journal journal, LoadCounters counters, LoadLimits limits, Handler<Throwable> broken) {}
