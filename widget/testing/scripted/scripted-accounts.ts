/** The accounts of a scripted server: they sign in, renew and leave as those of the real one. */
import { isObject, textIn } from '../../api/check.ts'
import { newId } from '../../conversation/chat-message.ts'
import { json, problem } from './answers.ts'

interface ScriptedAccount {
  readonly id: string
  readonly username: string
  readonly password: string
  readonly full_name: string | null
  token_version: number
}

const encode = (claims: object) =>
  btoa(JSON.stringify(claims)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export class ScriptedAccounts {
  /** Seconds that the next access token is good for; each after it lasts for 900. */
  nextExpiresIn = 900
  readonly #accounts: ScriptedAccount[] = []
  readonly #access = new Map<string, ScriptedAccount>()
  readonly #refresh = new Map<string, ScriptedAccount>()

  add(username: string, full_name: string | null = null): void {
    const password = `${username}’s secret`
    this.#accounts.push({ id: newId(), username, password, full_name, token_version: 0 })
  }

  /** Ends every access token; those that renew them stay good. */
  expire(): void {
    this.#access.clear()
  }

  /** Ends every token. */
  expireAll(): void {
    this.#access.clear()
    this.#refresh.clear()
  }

  /** Whom a bearer belongs to. */
  ownerOf(bearer: string): string | undefined {
    return this.#access.get(bearer)?.id
  }

  answer(path: string, bearer: string, body: unknown): Response {
    const given = isObject(body) ? body : {}
    const account = this.#access.get(bearer)
    switch (path) {
      case '/api/auth/login': {
        const found = this.#accounts.find(({ username }) => username === given['username'])
        const isRight = found !== undefined && found.password === given['password']
        return isRight
          ? this.#pair(found)
          : problem(401, { code: 'unauthorized', detail: 'Invalid credentials' })
      }
      case '/api/auth/refresh': {
        const renewed = this.#refresh.get(textIn(given, 'refresh_token') ?? '')
        return renewed ? this.#pair(renewed) : problem(401, { code: 'unauthorized' })
      }
      case '/api/auth/me':
        return account ? json(this.#body(account)) : problem(401, { code: 'unauthorized' })
      case '/api/auth/logout':
        if (!account) return problem(401, { code: 'unauthorized' })
        account.token_version += 1
        for (const tokens of [this.#access, this.#refresh])
          for (const [token, owner] of tokens) if (owner === account) tokens.delete(token)
        return new Response(null, { status: 204 })
      default:
        return problem(404)
    }
  }

  #pair(account: ScriptedAccount): Response {
    const { id: sub, username, token_version } = account
    const sign = (type: string) => {
      const claims = { sub, username, type, token_version, jti: newId() }
      return `e30.${encode(claims)}.s`
    }
    const [access_token, refresh_token] = [sign('access'), sign('refresh')]
    this.#access.set(access_token, account)
    this.#refresh.set(refresh_token, account)
    const expires_in = this.nextExpiresIn
    this.nextExpiresIn = 900
    return json({
      access_token,
      refresh_token,
      token_type: 'bearer',
      expires_in,
      refresh_expires_in: 2_592_000,
    })
  }

  #body({ password: _password, ...account }: ScriptedAccount): object {
    return {
      ...account,
      email: null,
      roles: [],
      allowed_products: [],
      allowed_agents: [],
      is_active: true,
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.000Z',
      last_login_at: '2026-01-01T00:00:00.000Z',
    }
  }
}
