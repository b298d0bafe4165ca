package org.pganalytics.storage;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * One COPY … FROM STDIN (FORMAT binary).
 *
 * @param sql the COPY, and SETs before it
 * @param parts what is sent, header and trailer included; the caller keeps and releases them
 * @param rows how many the server must say it took
 */
record Copy(String sql, List<ByteBuf> parts, long rows) {}
