import { describe, expect, it } from 'vitest'
import { nanochatModels } from './nanochat.ts'

describe('a nanochat server’s models, as visitors get them', () => {
  it('stay as they come, with cards beside them', () => {
    const models = [{ model_tag: 'd12', step: 650, size_mb: 120.5, loaded: true }, { tag: 'd24' }]
    expect(nanochatModels({ current_model: 'd12', models })).toEqual({
      current_model: 'd12',
      models,
      cards: [
        { id: 'd12', name: 'd12' },
        { id: 'd24', name: 'd24' },
      ],
    })
  })

  it('carry no path, whatever key holds it and however deep', () => {
    const secret = 'secret-place'
    const answer = {
      root: `/${secret}/checkpoints`,
      models: [
        {
          tag: 'd20',
          path: `/${secret}/d20`,
          checkpoint_dir: `${secret}/d20`,
          checkpointPath: `${secret}/model.pt`,
          files: [`${secret}.pt`, `/${secret}/optim.pt`],
          source: `~/${secret}/d20`,
          meta: { where: [`C:\\${secret}\\d20`, { home: `..\\${secret}` }], steps: [1, 2] },
          url: `file:///${secret}/d20`,
          share: `\\\\host\\${secret}`,
          note: `read from /${secret}/d20/model.pt in 3 s`,
          hub: 'https://huggingface.co/karpathy/nanochat-d32',
        },
        `/${secret}/d26`,
        'karpathy/nanochat-d32',
      ],
      by_place: { [`/${secret}/d20`]: 'd20' },
    }
    const body = nanochatModels(answer)
    expect(JSON.stringify(body)).not.toContain(secret)
    expect(body).toEqual({
      models: [
        {
          tag: 'd20',
          meta: { where: [{}], steps: [1, 2] },
          note: 'read from [path] in 3 s',
          hub: 'https://huggingface.co/karpathy/nanochat-d32',
        },
        'karpathy/nanochat-d32',
      ],
      by_place: {},
      cards: [
        { id: 'd20', name: 'd20' },
        { id: 'karpathy/nanochat-d32', name: 'karpathy/nanochat-d32' },
      ],
    })
  })

  it('may be listed by their names, alone, or not at all', () => {
    expect(nanochatModels({ models: { d20: { step: 5 }, d26: null, d32: 'Large' } })).toMatchObject(
      {
        models: { d20: { step: 5 } },
        cards: [
          { id: 'd20', name: 'd20' },
          { id: 'd26', name: 'd26' },
          { id: 'd32', name: 'Large' },
        ],
      },
    )
    expect(nanochatModels(['d20', { id: 'd26', name: 'Twenty-six' }, 5, {}])).toMatchObject({
      cards: [
        { id: 'd20', name: 'd20' },
        { id: 'd26', name: 'Twenty-six' },
      ],
    })
    expect(nanochatModels('nothing')).toEqual({ models: [], cards: [] })
  })

  it('are the one that is loaded where only the health is known', () => {
    const health = { status: 'ok', ready: true, num_gpus: 2, available_workers: 1 }
    expect(nanochatModels(health)).toEqual({ ...health, models: [], cards: [] })
    expect(nanochatModels({ ...health, current_model: 'd20' })).toEqual({
      ...health,
      current_model: 'd20',
      models: ['d20'],
      cards: [{ id: 'd20', name: 'd20' }],
    })
  })
})
