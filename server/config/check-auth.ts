import type { AuthMode } from '../protocol/api.ts'
import type { Reader } from './variable.ts'

export interface AuthSettings {
  readonly auth: { readonly mode: AuthMode; readonly serviceUrl: string | undefined }
  readonly jwt: {
    readonly secret: string | undefined
    readonly algorithm: string | undefined
    readonly jwksUrl: string | undefined
  }
}

/** Reports what a mode of telling who is asking needs and does not have. */
export function checkAuth(reader: Reader, { auth, jwt }: AuthSettings): void {
  if (auth.mode === 'service' && auth.serviceUrl === undefined) {
    reader.report('AUTH_MODE is "service", which needs AUTH_SERVICE_URL.')
  }
  if (auth.mode === 'local' && jwt.algorithm?.startsWith('HS') === false) {
    reader.report(
      `JWT_ALGORITHM is "${jwt.algorithm}", but AUTH_MODE "local" signs its tokens with a secret; use HS256, HS384 or HS512.`,
    )
  }
  if (auth.mode !== 'jwt') return
  const { secret, jwksUrl } = jwt
  // One that we made up ourselves would verify nobody's tokens.
  if (secret === undefined && jwksUrl === undefined) {
    reader.report('AUTH_MODE is "jwt", which needs JWT_SECRET_KEY or JWT_JWKS_URL.')
  }
  const isSecretAlgorithm = jwt.algorithm?.startsWith('HS')
  if (jwksUrl !== undefined && isSecretAlgorithm === true) {
    reader.report(
      `JWT_ALGORITHM is "${jwt.algorithm}", which needs a shared secret; unset JWT_JWKS_URL, or name the algorithm of its keys.`,
    )
  }
  if (jwksUrl === undefined && isSecretAlgorithm === false) {
    reader.report(`JWT_ALGORITHM is "${jwt.algorithm}", which needs JWT_JWKS_URL.`)
  }
}
