import { css } from 'lit'

/** Of one line of the inbox, whichever kind it is. */
export const entryStyles = css`
  li {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 2px 10px;
    padding: 11px 4px;
    border-top: 1px solid var(--nusa-border);
    line-height: 1.45;
  }
  li:first-child {
    border: 0;
  }
  .danger,
  .critical {
    --sign: var(--nusa-danger);
  }
  .warning {
    --sign: var(--nusa-warning);
  }
  .success {
    --sign: var(--nusa-success);
  }
  .info {
    --sign: var(--nusa-info);
  }
  li > nusa-icon {
    margin-top: 3px;
    color: var(--sign, var(--nusa-muted));
  }
  .text {
    min-width: 0;
    overflow-wrap: anywhere;
  }
`
