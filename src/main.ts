console.log('clawdeck')
