/**
 * To be imported before all else: the size counts only until the first thread is needed. Messages wait for
 * the disk on Node's threads; with its usual four, conversations that are saved in the background, logs and
 * lists would take them all and a message that came meanwhile would stand in line.
 */
process.env['UV_THREADPOOL_SIZE'] ??= '8'
