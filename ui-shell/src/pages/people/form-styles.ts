import { css } from 'lit'

/** What the forms of people, accounts and roles share. */
export const formStyles = css`
  .two {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr));
    gap: 16px;
    align-items: start;
  }
  .panel > h2 {
    margin-bottom: 4px;
  }
  .panel > h2 + .muted {
    margin-bottom: 14px;
    max-width: 68ch;
  }
  section.panel > h2:not(:has(+ .muted)) {
    margin-bottom: 14px;
  }
  nusa-form > h2 {
    margin-bottom: -4px;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 170px), 1fr));
    gap: 14px 20px;
  }
  dt {
    font-size: var(--nusa-text-sm);
    color: var(--nusa-muted);
  }
  dd {
    margin-top: 2px;
  }
  .act {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 8px 20px;
    padding: 14px 0;
    border-top: 1px solid var(--nusa-border);
  }
  .act:last-child {
    padding-bottom: 0;
  }
  .act .what {
    flex: 1 1 280px;
    min-width: 0;
  }
  .act .what p {
    color: var(--nusa-muted);
    font-size: var(--nusa-text-sm);
    line-height: 1.5;
  }
`
