/**
 * A file's bytes in Base64; tells how much of them is read, 0 to 1.
 * @throws DOMException when it cannot be read
 */
export function readFile(file: Blob, onProgress: (share: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('progress', ({ loaded, total }) => {
      if (total > 0) onProgress(loaded / total)
    })
    reader.addEventListener('error', () => reject(reader.error ?? new Error('Nothing was read.')))
    reader.addEventListener('load', () => {
      const { result } = reader
      // `data:text/csv;base64,…`
      if (typeof result === 'string') resolve(result.slice(result.indexOf(',') + 1))
    })
    reader.readAsDataURL(file)
  })
}
